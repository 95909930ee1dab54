internal import WorkflowSyntax

/// The inputs of an action: what the step gives, and defaults for the rest. A required one that is missing is no error.
enum ActionInputs {
    static func evaluate(
        _ with: TemplateToken?, _ manifest: ActionManifest, in context: ExpressionContext
    ) throws -> [(String, String)] {
        var inputs = try given(with, in: context)
        for input in manifest.inputs where !inputs.contains(where: { $0.0.lowercased() == input.name.lowercased() }) {
            inputs.append((input.name, try input.defaultValue?.evaluate(in: context).text ?? ""))
        }
        return inputs
    }

    /// What GitHub's runner warns of when a step gives what the action does not declare; nil when it gives nothing such.
    static func unexpected(_ given: [(String, String)], _ manifest: ActionManifest) -> String? {
        let names = given.map(\.0).filter { name in
            !manifest.inputs.contains { $0.name.lowercased() == name.lowercased() }
        }
        if names.isEmpty { return nil }
        func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
        return "Unexpected input(s) \(list(names)), valid inputs are [\(list(manifest.inputs.map(\.name)))]"
    }

    static func given(_ with: TemplateToken?, in context: ExpressionContext) throws -> [(String, String)] {
        guard case .object(let object)? = try with?.evaluate(in: context) else { return [] }
        return object.pairs.map { ($0.key, $0.value.text) }
    }
}
