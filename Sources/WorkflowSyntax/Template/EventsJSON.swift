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
        if case .sequence(let items) = token.kind { return .array(ExpressionArray(items.map(plain))) }
        return WorkflowTemplate.object(
            token.pairs.map { pair in
                let key = pair.key.literalText ?? ""
                switch key {
                case "inputs", "secrets", "outputs": return (key, plain(pair.value))
                default:
                    let texts = Conversion.strings(pair.value) ?? []
                    return (key, .array(ExpressionArray(texts.map { .string($0) })))
                }
            })
    }

    private static func plain(_ token: TemplateToken) -> ExpressionValue {
        switch token.kind {
        case .null, .insert: .null
        case .boolean(let value): .boolean(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        case .expression(let expression): .string("${{ \(expression.source) }}")
        case .sequence(let items): .array(ExpressionArray(items.map(plain)))
        case .mapping(let pairs):
            WorkflowTemplate.object(pairs.map { ($0.key.literalText ?? "", plain($0.value)) })
        }
    }
}
