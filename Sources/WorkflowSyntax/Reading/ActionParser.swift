/// Reads `action.yml` files.
public struct ActionParser: Sendable {
    /// With the limits of workflow files.
    public init() {}

    /// The manifest is nil when a diagnostic is an error.
    public func parse(_ text: String, file: String) -> (manifest: ActionManifest?, diagnostics: [Diagnostic]) {
        let reading = SourceText.read(
            text, file: file, schema: .action, root: "action-root", limits: YAMLReader.Limits())
        guard let root = reading.root, reading.diagnostics.isEmpty else { return (nil, reading.diagnostics) }
        var converter = ActionConverter(file: file)
        let manifest = converter.convert(root)
        let failed = converter.diagnostics.contains { $0.severity == .error }
        return (failed ? nil : manifest, converter.diagnostics)
    }
}

private struct ActionConverter {
    private var conversion: Conversion

    var diagnostics: [Diagnostic] { conversion.diagnostics }

    init(file: String) {
        conversion = Conversion(file: file)
    }

    mutating func convert(_ root: TemplateToken) -> ActionManifest? {
        guard let runs = root["runs"], let made = self.runs(runs) else { return nil }
        let inputs = (root["inputs"]?.pairs ?? []).map { pair in
            ActionManifest.Input(
                name: pair.key.literalText ?? "",
                required: Conversion.flag(pair.value["required"]) || pair.value["required"]?.literalText == "true",
                defaultValue: pair.value["default"],
                deprecationMessage: pair.value["deprecationMessage"]?.literalText)
        }
        let outputs = (root["outputs"]?.pairs ?? []).map { pair in
            ActionManifest.Output(name: pair.key.literalText ?? "", value: pair.value["value"])
        }
        var docker: ActionManifest.DockerRuns?
        if case .docker = made {
            docker = ActionManifest.DockerRuns(
                entrypoint: runs["entrypoint"]?.literalText, args: runs["args"], env: runs["env"],
                preEntrypoint: runs["pre-entrypoint"]?.literalText,
                preIf: Conversion.phaseCondition(runs["pre-if"]),
                postEntrypoint: runs["post-entrypoint"]?.literalText,
                postIf: Conversion.phaseCondition(runs["post-if"]))
        }
        return ActionManifest(
            file: conversion.file, name: root["name"]?.literalText, inputs: inputs, outputs: outputs, runs: made,
            runsPosition: runs.position, docker: docker)
    }

    private mutating func runs(_ runs: TemplateToken) -> ActionManifest.Runs? {
        guard let using = runs["using"], let kind = using.literalText?.lowercased() else { return nil }
        switch kind {
        case "composite":
            guard let steps = runs["steps"] else { return missing("steps", runs) }
            var converter = StepConverter(conversion)
            let converted = converter.convert(steps)
            conversion = converter.conversion
            return .composite(steps: converted)
        case "docker":
            guard let image = runs["image"], let text = image.literalText else { return missing("image", runs) }
            return .docker(image: text, position: image.position)
        case "node12", "node16", "node20", "node24":
            guard let main = runs["main"]?.literalText else { return missing("main", runs) }
            return .javaScript(
                main: main, pre: runs["pre"]?.literalText,
                preIf: Conversion.phaseCondition(runs["pre-if"]), post: runs["post"]?.literalText,
                postIf: Conversion.phaseCondition(runs["post-if"]))
        default:
            conversion.error(
                "action-using",
                "'using: \(using.literalText ?? "")' is not supported, use 'composite', 'docker', 'node12', 'node16', "
                    + "'node20' or 'node24' instead.", at: using.position)
            return nil
        }
    }

    private mutating func missing(_ key: String, _ runs: TemplateToken) -> ActionManifest.Runs? {
        conversion.error("missing-key", "Required property is missing: \(key)", at: runs.position)
        return nil
    }
}
