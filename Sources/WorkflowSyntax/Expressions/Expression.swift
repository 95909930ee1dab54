/// A parsed expression: compiled once, evaluated many times.
public struct Expression: Sendable {
    /// The text between `${{` and `}}`, trimmed.
    public let source: String
    let root: ExpressionNode
    /// The expressions of a text that became one call of `format`.
    let parts: [Expression]

    /// Parses and checks names. An empty text is the value null, as in GitHub's parser.
    ///
    /// - Parameter names: the contexts and functions allowed at the place; nil allows any context and all functions.
    /// - Throws: kind `lexing` or `parsing`, never `evaluation`.
    public init(_ source: String, allowing names: AllowedNames? = nil) throws(ExpressionError) {
        var parser = ExpressionParser(source, names: names)
        self.root = try parser.parse()
        self.source = source
        self.parts = []
    }

    init(source: String, root: ExpressionNode, parts: [Expression] = []) {
        self.source = source
        self.root = root
        self.parts = parts
    }

    /// The value in a context. A name that is allowed but absent is null; an absent function is an error.
    public func evaluate(in context: ExpressionContext) throws(ExpressionError) -> ExpressionValue {
        var evaluator = ExpressionEvaluator(context: context, memory: context.maximumMemory ?? 1 << 20)
        return try evaluator.evaluate(root)
    }

    /// Whether `success`, `failure`, `always` or `cancelled` is called; a text in quotes is no call.
    public var callsStatusFunction: Bool {
        root.contains {
            if case .contextual(let name, _) = $0 { Self.statusFunctions.contains(name) } else { false }
        }
    }

    /// The lower-case roots that the expression refers to.
    public var contextNames: Set<String> {
        var names: Set<String> = []
        root.visit { if case .context(let name) = $0 { names.insert(name) } }
        return names
    }

    static let statusFunctions: Set<String> = ["success", "failure", "always", "cancelled"]
}

extension ExpressionNode {
    func visit(_ body: (ExpressionNode) -> Void) {
        body(self)
        for child in children { child.visit(body) }
    }

    func contains(_ predicate: (ExpressionNode) -> Bool) -> Bool {
        predicate(self) || children.contains { $0.contains(predicate) }
    }
}
