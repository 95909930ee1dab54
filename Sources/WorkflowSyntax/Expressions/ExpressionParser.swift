/// Builds the compiled form with explicit stacks, so that no nesting can exhaust the thread's. Well-formed token
/// order is the lexer's business; names, counts of arguments and depth are checked here.
struct ExpressionParser {
    static let maximumLength = 21_000
    static let maximumDepth = 50

    private struct Operand {
        enum Shape {
            case single, all, any
        }

        var shape = Shape.single
        private var single: ExpressionNode
        /// The operands of `&&` or `||`, which grow in place.
        private var parts: [ExpressionNode] = []
        var depth: Int
        /// Written `*`: only an index can use it.
        var isWildcard = false

        init(_ node: ExpressionNode, depth: Int, isWildcard: Bool = false) {
            self.single = node
            self.depth = depth
            self.isWildcard = isWildcard
        }

        var node: ExpressionNode {
            switch shape {
            case .single: single
            case .all: .all(parts)
            case .any: .any(parts)
            }
        }

        /// Takes a right operand in; `shape` is not `single`.
        mutating func join(_ right: ExpressionNode, as shape: Shape) {
            if self.shape == .single {
                self.shape = shape
                parts = [single, right]
            } else {
                parts.append(right)
            }
        }
    }

    private enum Pending {
        case group
        case index
        case call(name: Range<Int>, arguments: [Operand])
        case not, and, or
        case compare(ExpressionNode.Comparison)

        /// Higher binds tighter; brackets are 0.
        var precedence: Int {
            switch self {
            case .group, .index, .call: 0
            case .or: 1
            case .and: 2
            case .compare(.equal), .compare(.notEqual): 3
            case .compare: 4
            case .not: 5
            }
        }
    }

    private var lexer: ExpressionLexer
    private let names: AllowedNames?
    private var operands: [Operand] = []
    private var pending: [Pending] = []
    private var deepest = 0

    init(_ source: String, names: AllowedNames?) {
        self.lexer = ExpressionLexer(source)
        self.names = names
    }

    mutating func parse() throws(ExpressionError) -> ExpressionNode {
        if lexer.source.utf16.count > Self.maximumLength {
            throw ExpressionError(.parsing, "Exceeded max expression length \(Self.maximumLength)")
        }
        var function: Range<Int>?
        while let token = try lexer.next() {
            switch token.kind {
            case .literal(let value): push(.literal(value), depth: 1)
            case .name: try pushName(token.range)
            case .property: member(lexer.text(token.range))
            case .function:
                try checkFunction(token.range)
                function = token.range
            case .startParameters: pending.append(.call(name: function ?? token.range, arguments: []))
            case .startGroup: pending.append(.group)
            case .startIndex: pending.append(.index)
            case .not: pending.append(.not)
            case .and: operation(.and)
            case .or: operation(.or)
            case .compare(let comparison): operation(.compare(comparison))
            case .dereference: break
            case .wildcard: wildcard()
            case .separator: endArgument()
            case .endGroup: reduce(); pending.removeLast()
            case .endIndex: endIndex()
            case .endParameters: try endCall()
            }
        }
        reduce()
        if deepest > Self.maximumDepth {
            throw ExpressionError(.parsing, "Exceeded max expression depth \(Self.maximumDepth)")
        }
        return operands.last?.node ?? .literal(.null)
    }

    // MARK: - Names

    private mutating func pushName(_ range: Range<Int>) throws(ExpressionError) {
        let name = lexer.text(range).lowercased()
        if let names, !names.allows(context: name) {
            throw lexer.error("Unrecognized named-value: '\(lexer.text(range))'", at: range)
        }
        push(.context(name), depth: 1)
    }

    private func checkFunction(_ range: Range<Int>) throws(ExpressionError) {
        let name = lexer.text(range).lowercased()
        if ExpressionFunction(rawValue: name) != nil { return }
        if contextualParameters(name) == nil {
            throw lexer.error("Unrecognized function: '\(lexer.text(range))'", at: range)
        }
    }

    private func contextualParameters(_ name: String) -> ClosedRange<Int>? {
        if let names { names.parameters(of: name) } else { AllowedNames.contextual[name] }
    }

    // MARK: - Operands

    /// What is too deep is refused at the end and not kept, so that freeing it cannot exhaust the stack.
    private mutating func push(_ node: ExpressionNode, depth: Int) {
        deepest = max(deepest, depth)
        operands.append(Operand(depth > Self.maximumDepth ? .literal(.null) : node, depth: depth))
    }

    private mutating func pop() -> Operand {
        operands.popLast() ?? Operand(.literal(.null), depth: 1)
    }

    /// The last operand gets a property. Written after a dot, so no operator lies between.
    private mutating func member(_ name: String) {
        let base = pop()
        push(.property(base.node, name), depth: base.depth + 1)
    }

    private mutating func wildcard() {
        if case .index = pending.last {
            // `[` was pushed after its base; the wildcard stands alone until `]`.
            if lexer.bytes[previousMark()] == UInt8(ascii: "[") {
                operands.append(Operand(.literal(.null), depth: 1, isWildcard: true))
                return
            }
        }
        let base = pop()
        push(.filter(base.node), depth: base.depth + 1)
    }

    /// The byte before the wildcard that was just read, blanks left out: `[` or `.`.
    private func previousMark() -> Int {
        var at = (lexer.last?.lowerBound ?? 1) - 1
        while at > 0, NumberText.isSpace(lexer.bytes[at]) { at -= 1 }
        return max(0, at)
    }

    // MARK: - Operators and brackets

    private mutating func operation(_ next: Pending) {
        reduce(downTo: next.precedence)
        pending.append(next)
    }

    /// Applies pending operators that bind at least as tightly, up to the innermost open bracket.
    private mutating func reduce(downTo precedence: Int = 1) {
        while let top = pending.last, top.precedence >= precedence {
            pending.removeLast()
            switch top {
            case .not:
                let operand = pop()
                push(.not(operand.node), depth: operand.depth + 1)
            case .compare(let comparison):
                let right = pop()
                let left = pop()
                push(.compare(comparison, left.node, right.node), depth: max(left.depth, right.depth) + 1)
            case .and: join(.all)
            case .or: join(.any)
            case .group, .index, .call: return
            }
        }
    }

    /// `a && b && c` is one node: a left operand of the same kind takes the right one in.
    private mutating func join(_ shape: Operand.Shape) {
        let right = pop()
        var left = pop()
        if left.shape == shape {
            left.join(right.node, as: shape)
            left.depth = max(left.depth, right.depth + 1)
        } else {
            let depth = max(left.depth, right.depth) + 1
            left = Operand(left.node, depth: depth)
            left.join(right.node, as: shape)
        }
        deepest = max(deepest, left.depth)
        operands.append(left)
    }

    private mutating func endIndex() {
        reduce()
        pending.removeLast()
        let index = pop()
        let base = pop()
        if index.isWildcard {
            push(.filter(base.node), depth: base.depth + 1)
        } else if case .literal(.string(let name)) = index.node {
            push(.property(base.node, name), depth: base.depth + 1)
        } else {
            push(.index(base.node, index.node), depth: max(base.depth, index.depth) + 1)
        }
    }

    private mutating func endArgument() {
        reduce()
        guard case .call(let name, var arguments) = pending.popLast() else { return }
        arguments.append(pop())
        pending.append(.call(name: name, arguments: arguments))
    }

    private mutating func endCall() throws(ExpressionError) {
        reduce()
        guard case .call(let range, var arguments) = pending.popLast() else { return }
        let isEmpty = arguments.isEmpty && lexer.bytes[previousMark()] == UInt8(ascii: "(")
        if !isEmpty { arguments.append(pop()) }
        let written = lexer.text(range)
        let name = written.lowercased()
        let function = ExpressionFunction(rawValue: name)
        let allowed = function?.parameters ?? contextualParameters(name) ?? 0...255
        if arguments.count < allowed.lowerBound {
            throw lexer.error("Too few parameters supplied: '\(written)'", at: range)
        }
        if arguments.count > allowed.upperBound {
            throw lexer.error("Too many parameters supplied: '\(written)'", at: range)
        }
        if function == .case, arguments.count.isMultiple(of: 2) {
            throw lexer.error(
                "Even number of parameters supplied, requires an odd number of parameters: '\(written)'", at: range)
        }
        let depth = (arguments.map(\.depth).max() ?? 0) + 1
        let nodes = arguments.map(\.node)
        push(function.map { .calling($0, nodes) } ?? .contextual(name, nodes), depth: depth)
    }
}
