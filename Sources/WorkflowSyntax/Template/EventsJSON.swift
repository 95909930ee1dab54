/// `events` of the template's JSON: every event with its filters as lists.
enum EventsJSON {
    static func value(_ on: TemplateToken?) -> ExpressionValue {
        guard let on else { return WorkflowTemplate.object([]) }
        switch on.kind {
        case .mapping(let pairs):
            return WorkflowTemplate.object(pairs.map { ($0.key.literalText ?? "", event($0.value)) })
        case .sequence(let items):
            return WorkflowTemplate.object(items.map { ($0.literalText ?? "", WorkflowTemplate.object([])) })
        default: return WorkflowTemplate.object([(on.literalText ?? "", WorkflowTemplate.object([]))])
        }
    }

    private static func event(_ token: TemplateToken) -> ExpressionValue {
        if case .sequence(let items) = token.kind { return .array(ExpressionArray(items.map(\.plainValue))) }
        return WorkflowTemplate.object(
            token.pairs.map { pair in
                let key = pair.key.literalText ?? ""
                switch key {
                case "inputs", "secrets", "outputs": return (key, pair.value.plainValue)
                default:
                    let texts = Conversion.strings(pair.value) ?? []
                    return (key, .array(ExpressionArray(texts.map { .string($0) })))
                }
            })
    }
}
