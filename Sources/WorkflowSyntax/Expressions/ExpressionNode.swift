/// The compiled form of an expression.
indirect enum ExpressionNode: Sendable {
    enum Comparison: Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    }

    case literal(ExpressionValue)
    /// A named value, lower-case.
    case context(String)
    /// `.name` and `['name']`
    case property(ExpressionNode, String)
    case index(ExpressionNode, ExpressionNode)
    /// `.*` and `[*]`
    case filter(ExpressionNode)
    case not(ExpressionNode)
    case compare(Comparison, ExpressionNode, ExpressionNode)
    case all([ExpressionNode])
    case any([ExpressionNode])
    case call(ExpressionFunction, [ExpressionNode])
    /// `format` with a literal first argument, which is split once; the others.
    case format(FormatPattern, [ExpressionNode])
    /// A function of the place, lower-case.
    case contextual(String, [ExpressionNode])

    var children: [ExpressionNode] {
        switch self {
        case .literal, .context: []
        case .property(let base, _), .filter(let base), .not(let base): [base]
        case .index(let a, let b), .compare(_, let a, let b): [a, b]
        case .all(let nodes), .any(let nodes), .call(_, let nodes), .format(_, let nodes),
            .contextual(_, let nodes):
            nodes
        }
    }

    static func calling(_ function: ExpressionFunction, _ arguments: [ExpressionNode]) -> ExpressionNode {
        guard function == .format, case .literal(.string(let text))? = arguments.first,
            let pattern = FormatPattern(valid: text)
        else { return .call(function, arguments) }
        return .format(pattern, Array(arguments.dropFirst()))
    }
}

/// The functions that every expression has.
enum ExpressionFunction: String, Sendable {
    case `case`, contains, endsWith = "endswith", format, fromJSON = "fromjson", join
    case startsWith = "startswith", toJSON = "tojson"

    var parameters: ClosedRange<Int> {
        switch self {
        case .case: 3...255
        case .contains, .startsWith, .endsWith: 2...2
        case .format: 1...255
        case .join: 1...2
        case .fromJSON, .toJSON: 1...1
        }
    }
}
