/// Tokens in the form of GitHub's cross-language parser tests. Types: 0 string, 1 sequence, 2 mapping, 3 expression,
/// 4 insert directive, 5 boolean, 6 number, 7 null; without positions a literal is plain JSON.
struct TokenJSON {
    let file: Int
    let includeSource: Bool

    func value(_ token: TemplateToken) -> ExpressionValue {
        switch token.kind {
        case .null: literal(7, nil, .null, token)
        case .boolean(let value): literal(5, "bool", .boolean(value), token)
        case .number(let value): literal(6, "num", .number(value), token)
        case .string(let value): literal(0, "lit", .string(value), token)
        case .expression(let expression): self.expression(expression, at: token.position)
        case .insert: node(4, token.position, ("directive", .string("insert")))
        case .sequence(let items):
            node(1, token.position, ("seq", .array(ExpressionArray(items.map(value)))))
        case .mapping(let pairs):
            node(
                2, token.position,
                (
                    "map",
                    .array(
                        ExpressionArray(
                            pairs.map {
                                WorkflowTemplate.object([("Key", value($0.key)), ("Value", value($0.value))])
                            }))
                ))
        }
    }

    /// Without a position where the file does not write it.
    func expression(_ expression: Expression, at position: SourcePosition?) -> ExpressionValue {
        node(3, position, ("expr", .string(expression.source)))
    }

    private func literal(
        _ type: Double, _ name: String?, _ value: ExpressionValue, _ token: TemplateToken
    ) -> ExpressionValue {
        includeSource ? node(type, token.position, name.map { ($0, value) }) : value
    }

    private func node(
        _ type: Double, _ position: SourcePosition?, _ member: (String, ExpressionValue)?
    ) -> ExpressionValue {
        var members: [(String, ExpressionValue)] = [("type", .number(type))]
        if includeSource, let position {
            members.append(("file", .number(Double(file))))
            members.append(("line", .number(Double(position.line))))
            members.append(("col", .number(Double(position.column))))
        }
        if let member { members.append(member) }
        return WorkflowTemplate.object(members)
    }
}
