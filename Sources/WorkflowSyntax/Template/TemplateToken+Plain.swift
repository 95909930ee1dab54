extension TemplateToken {
    /// As the file could have written it: expressions are texts in `${{ }}`.
    public var plainValue: ExpressionValue {
        switch kind {
        case .null, .insert: .null
        case .boolean(let value): .boolean(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        case .expression(let expression): .string("${{ \(expression.source) }}")
        case .sequence(let items): .array(ExpressionArray(items.map(\.plainValue)))
        case .mapping(let pairs): WorkflowTemplate.object(pairs.map { ($0.key.plainKey, $0.value.plainValue) })
        }
    }

    private var plainKey: String {
        switch kind {
        case .insert: "${{ insert }}"
        case .expression(let expression): "${{ \(expression.source) }}"
        default: literalText ?? ""
        }
    }
}
