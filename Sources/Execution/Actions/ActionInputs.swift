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

    static func given(_ with: TemplateToken?, in context: ExpressionContext) throws -> [(String, String)] {
        guard case .object(let object)? = try with?.evaluate(in: context) else { return [] }
        return object.pairs.map { ($0.key, $0.value.text) }
    }
}
