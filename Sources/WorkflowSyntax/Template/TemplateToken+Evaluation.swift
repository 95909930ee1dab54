extension TemplateToken {
    /// The value with every expression evaluated: mappings become objects (`${{ insert }}` merges), sequences arrays.
    /// All expressions of the token share one memory limit (10 MiB unless the context says otherwise).
    public func evaluate(in context: ExpressionContext) throws(TemplateError) -> ExpressionValue {
        var evaluator = TemplateEvaluator(context)
        return try evaluator.evaluate(self)
    }

    /// The lower-case context names that the expressions inside refer to.
    public var contextNames: Set<String> {
        switch kind {
        case .expression(let expression): expression.contextNames
        case .sequence(let items): items.reduce(into: []) { $0.formUnion($1.contextNames) }
        case .mapping(let pairs):
            pairs.reduce(into: []) {
                $0.formUnion($1.key.contextNames)
                $0.formUnion($1.value.contextNames)
            }
        default: []
        }
    }

    /// The text of a literal scalar, as GitHub coerces it to a string; nil for everything else.
    public var literalText: String? {
        switch kind {
        case .null: ""
        case .boolean(let value): value ? "true" : "false"
        case .number(let value): NumberText.print(value)
        case .string(let value): value
        case .expression, .sequence, .mapping, .insert: nil
        }
    }

    /// The pairs of a mapping; empty for everything else.
    public var pairs: [Pair] {
        if case .mapping(let pairs) = kind { pairs } else { [] }
    }

    /// The items of a sequence; empty for everything else.
    public var items: [TemplateToken] {
        if case .sequence(let items) = kind { items } else { [] }
    }

    /// The value of a mapping's key. Keys of a schema are case-sensitive.
    public subscript(key: String) -> TemplateToken? {
        guard case .mapping(let pairs) = kind else { return nil }
        for index in pairs.indices {
            if case .string(let name) = pairs[index].key.kind, name == key { return pairs[index].value }
        }
        return nil
    }
}

private struct TemplateEvaluator {
    var evaluator: ExpressionEvaluator

    init(_ context: ExpressionContext) {
        evaluator = ExpressionEvaluator(context: context, memory: context.maximumMemory ?? 10 << 20)
    }

    mutating func evaluate(_ token: TemplateToken) throws(TemplateError) -> ExpressionValue {
        switch token.kind {
        case .null, .insert: return .null
        case .boolean(let value): return .boolean(value)
        case .number(let value): return .number(value)
        case .string(let value): return .string(value)
        case .expression(let expression):
            do throws(ExpressionError) {
                return try evaluator.evaluate(expression.root)
            } catch {
                throw TemplateError(error.message, at: token.position)
            }
        case .sequence(let items):
            var values: [ExpressionValue] = []
            values.reserveCapacity(items.count)
            for item in items { values.append(try evaluate(item)) }
            return .array(ExpressionArray(values))
        case .mapping(let pairs): return try mapping(pairs)
        }
    }

    private mutating func mapping(_ pairs: [TemplateToken.Pair]) throws(TemplateError) -> ExpressionValue {
        var values: [(String, ExpressionValue)] = []
        values.reserveCapacity(pairs.count)
        for pair in pairs {
            if case .insert = pair.key.kind {
                switch try evaluate(pair.value) {
                case .object(let object): values += object.pairs.map { ($0.key, $0.value) }
                case .null: break
                case let value:
                    throw TemplateError(
                        "A mapping was expected for the directive 'insert', not a value of type '\(value.kindName)'",
                        at: pair.value.position)
                }
            } else {
                values.append((try evaluate(pair.key).text, try evaluate(pair.value)))
            }
        }
        return .object(ExpressionObject(values))
    }
}
