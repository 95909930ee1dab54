@testable import WorkflowSyntax

/// What an action file holds, in lines as they stand in its fixture.
struct ActionDescription {
    private(set) var lines: [String] = []

    init(_ manifest: ActionManifest) {
        add("name \(manifest.name ?? "-")")
        for input in manifest.inputs {
            let extra = [
                input.required ? "required" : nil, input.defaultValue.map { "default=\(Self.text($0))" },
                input.deprecationMessage.map { "deprecated=\($0)" },
            ]
            add((["input", input.name] + extra.compactMap(\.self)).joined(separator: " "))
        }
        for output in manifest.outputs {
            add("output \(output.name)" + (output.value.map { " \(Self.text($0))" } ?? ""))
        }
        switch manifest.runs {
        case .composite(let steps): for step in steps { add(step) }
        case .docker(let image, _):
            add("docker \(image)")
            guard let docker = manifest.docker else { break }
            add("pre \(docker.preEntrypoint ?? "-") if \(docker.preIf.source)")
            add("main \(docker.entrypoint ?? "-") \((docker.args?.items ?? []).map(Self.text))")
            add("env \((docker.env?.pairs ?? []).map { "\(Self.text($0.key))=\(Self.text($0.value))" })")
            add("post \(docker.postEntrypoint ?? "-") if \(docker.postIf.source)")
        case .javaScript(let main, let pre, let preIf, let post, let postIf):
            add("pre \(pre ?? "-") if \(preIf.source)")
            add("main \(main)")
            add("post \(post ?? "-") if \(postIf.source)")
        }
    }

    private mutating func add(_ line: String) { lines.append("# gives \(line)") }

    private mutating func add(_ step: Step) {
        switch step.action {
        case .run(let script, let shell, let folder):
            add(
                "step \(step.contextName) if \(step.condition.source) run \(Self.text(script)) shell "
                    + "\(shell.map(Self.text) ?? "-") in \(folder.map(Self.text) ?? "-")")
        case .uses(let action, _, let with):
            let values = (with?.pairs ?? []).map { "\(Self.text($0.key))=\(Self.text($0.value))" }
            add("step \(step.contextName) if \(step.condition.source) uses \(action) with \(values)")
        }
    }

    /// A literal, or the expression in angle brackets.
    private static func text(_ token: TemplateToken) -> String {
        if case .expression(let expression) = token.kind { return "<\(expression.source)>" }
        return token.literalText ?? "?"
    }
}
