/// Steps of a job or of a composite action.
struct StepConverter {
    private(set) var conversion: Conversion

    init(_ conversion: Conversion) {
        self.conversion = conversion
    }

    /// Ids that the file gives are taken first, so that a generated one never collides with them.
    mutating func convert(_ token: TemplateToken?) -> [Step] {
        var ids = IdentifierScope()
        for item in token?.items ?? [] {
            if let id = item["id"], let fault = ids.add(id.literalText ?? "") {
                conversion.error("identifier", fault, at: id.position)
            }
        }
        return (token?.items ?? []).compactMap { step($0, &ids) }
    }

    private mutating func step(_ token: TemplateToken, _ ids: inout IdentifierScope) -> Step? {
        let id = token["id"]?.literalText
        let action: Step.Action
        let seed: String
        if let script = token["run"] {
            action = .run(script: script, shell: token["shell"], workingDirectory: token["working-directory"])
            seed = "run"
        } else if let uses = token["uses"], let text = uses.literalText {
            if let fault = ActionReference.fault(of: text) {
                conversion.error("action-reference", fault, at: uses.position)
            }
            action = .uses(text, position: uses.position, with: token["with"])
            seed = ActionReference.seed(of: text)
        } else {
            return nil
        }
        let condition = token["if"]
        return Step(
            id: id, contextName: id ?? ids.generate(from: seed), position: token.position, name: token["name"],
            condition: Conversion.condition(condition), conditionPosition: condition?.position, env: token["env"],
            continueOnError: token["continue-on-error"], timeoutMinutes: token["timeout-minutes"], action: action)
    }
}
