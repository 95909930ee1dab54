/// Splits an expression into tokens. Whether a token may stand after the one before is checked here, so that the
/// parser meets only well-formed sequences (the structure of actions/runner's lexical analyzer).
struct ExpressionLexer {
    enum Kind {
        case startGroup, startIndex, startParameters, endGroup, endIndex, endParameters
        case separator, wildcard, dereference
        case literal(ExpressionValue)
        case property, name, function
        case not, and, or
        case compare(ExpressionNode.Comparison)
    }

    struct Token {
        var kind: Kind
        var range: Range<Int>
    }

    /// What the last token allows next.
    private enum Expectation {
        /// An operand (at the start, after an operator, `(`, `[` or `,`).
        case operand
        /// An operand or `)`: after the `(` of a call.
        case operandOrEnd
        /// An operand or `*`: after `[`.
        case operandOrWildcard
        /// A property name or `*`: after `.`.
        case member
        /// The `(` of a call.
        case parameters
        /// An operator or an end; `indexable` unless the operand is a literal.
        case operation(indexable: Bool)
    }

    private enum Bracket {
        case group, index, parameters
    }

    let source: String
    let bytes: [UInt8]
    private var at = 0
    private var expects = Expectation.operand
    private var open: [Bracket] = []
    private(set) var last: Range<Int>?

    init(_ source: String) {
        self.source = source
        self.bytes = Array(source.utf8)
    }

    /// The next token, or nil at a proper end.
    mutating func next() throws(ExpressionError) -> Token? {
        while at < bytes.count, NumberText.isSpace(bytes[at]) { at += 1 }
        guard at < bytes.count else {
            if let last {
                guard case .operation = expects, open.isEmpty else {
                    throw error("Unexpected end of expression: '\(text(last))'", at: last)
                }
            }
            return nil
        }
        let start = at
        let kind = scan()
        let range = start..<at
        guard let kind else { throw error("Unexpected symbol: '\(text(range))'", at: range, kind: .lexing) }
        guard accept(kind) else { throw error("Unexpected symbol: '\(text(range))'", at: range) }
        last = range
        return Token(kind: kind, range: range)
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// GitHub's message with the 1-based place, counted in UTF-16 units.
    func error(_ message: String, at range: Range<Int>, kind: ExpressionError.Kind = .parsing) -> ExpressionError {
        let position = String(decoding: bytes[..<range.lowerBound], as: UTF8.self).utf16.count + 1
        return ExpressionError(kind, "\(message). Located at position \(position) within expression: \(source)")
    }

    // MARK: - Scanning

    /// Moves past a token; nil is a symbol that is none.
    private mutating func scan() -> Kind? {
        let byte = bytes[at]
        switch byte {
        case UInt8(ascii: "("):
            at += 1
            if case .parameters = expects { return .startParameters }
            return .startGroup
        case UInt8(ascii: ")"):
            at += 1
            return open.last == .parameters ? .endParameters : .endGroup
        case UInt8(ascii: "["): return single(.startIndex)
        case UInt8(ascii: "]"): return single(.endIndex)
        case UInt8(ascii: ","): return single(.separator)
        case UInt8(ascii: "*"): return single(.wildcard)
        case UInt8(ascii: "'"): return string()
        case UInt8(ascii: "!"): return operation("=", .compare(.notEqual), else: .not)
        case UInt8(ascii: ">"): return operation("=", .compare(.greaterOrEqual), else: .compare(.greater))
        case UInt8(ascii: "<"): return operation("=", .compare(.lessOrEqual), else: .compare(.less))
        case UInt8(ascii: "="): return operation("=", .compare(.equal), else: nil)
        case UInt8(ascii: "&"): return operation("&", .and, else: nil)
        case UInt8(ascii: "|"): return operation("|", .or, else: nil)
        case UInt8(ascii: "."):
            switch expects {
            case .operand, .operandOrEnd, .operandOrWildcard: return number()
            default: return single(.dereference)
            }
        case UInt8(ascii: "+"), UInt8(ascii: "-"), 0x30...0x39: return number()
        default: return word()
        }
    }

    private mutating func single(_ kind: Kind) -> Kind {
        at += 1
        return kind
    }

    private mutating func operation(_ second: Unicode.Scalar, _ double: Kind, else one: Kind?) -> Kind? {
        at += 1
        if at < bytes.count, bytes[at] == UInt8(ascii: second) {
            at += 1
            return double
        }
        if let one { return one }
        skipWord()
        return nil
    }

    private mutating func number() -> Kind? {
        let start = at
        while at < bytes.count, !Self.isBoundary(bytes[at]) || bytes[at] == UInt8(ascii: ".") { at += 1 }
        let value = NumberText.parse(bytes: bytes[start..<at])
        return value.isNaN ? nil : .literal(.number(value))
    }

    private mutating func string() -> Kind? {
        var content: [UInt8] = []
        at += 1
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "'") {
                guard at < bytes.count, bytes[at] == UInt8(ascii: "'") else {
                    return .literal(.string(String(decoding: content, as: UTF8.self)))
                }
                at += 1
            }
            content.append(byte)
        }
        return nil
    }

    private mutating func word() -> Kind? {
        let start = at
        skipWord()
        let range = start..<at
        let legal = isIdentifier(range)
        if case .member = expects { return legal ? .property : nil }
        if let value = literal(range) { return .literal(value) }
        guard legal else { return nil }
        var ahead = at
        while ahead < bytes.count, NumberText.isSpace(bytes[ahead]) { ahead += 1 }
        return ahead < bytes.count && bytes[ahead] == UInt8(ascii: "(") ? .function : .name
    }

    private func literal(_ range: Range<Int>) -> ExpressionValue? {
        // Names are seldom as long as one of these; a text of each would cost.
        switch (range.count, bytes[range.lowerBound]) {
        case (4, UInt8(ascii: "n")) where text(range) == "null": .null
        case (4, UInt8(ascii: "t")) where text(range) == "true": .boolean(true)
        case (5, UInt8(ascii: "f")) where text(range) == "false": .boolean(false)
        case (3, UInt8(ascii: "N")) where text(range) == "NaN": .number(.nan)
        case (8, UInt8(ascii: "I")) where text(range) == "Infinity": .number(.infinity)
        default: nil
        }
    }

    private mutating func skipWord() {
        while at < bytes.count, !Self.isBoundary(bytes[at]) { at += 1 }
    }

    private func isIdentifier(_ range: Range<Int>) -> Bool {
        guard let first = bytes[range].first, first == UInt8(ascii: "_") || Self.isLetter(first) else { return false }
        return bytes[range].allSatisfy {
            Self.isLetter($0) || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26
    }

    private static func isBoundary(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
            UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: ">"), UInt8(ascii: "<"), UInt8(ascii: "="),
            UInt8(ascii: "&"), UInt8(ascii: "|"):
            true
        default: NumberText.isSpace(byte)
        }
    }

    // MARK: - Order

    /// Whether the token may stand here; then the state moves on.
    private mutating func accept(_ kind: Kind) -> Bool {
        switch expects {
        case .operand: return acceptOperand(kind)
        case .operandOrEnd:
            if case .endParameters = kind { return close(.parameters) }
            return acceptOperand(kind)
        case .operandOrWildcard:
            if case .wildcard = kind {
                expects = .operation(indexable: true)
                return true
            }
            return acceptOperand(kind)
        case .member:
            switch kind {
            case .property, .wildcard: expects = .operation(indexable: true)
            default: return false
            }
            return true
        case .parameters:
            guard case .startParameters = kind else { return false }
            open.append(.parameters)
            expects = .operandOrEnd
            return true
        case .operation(let indexable): return acceptOperation(kind, indexable)
        }
    }

    private mutating func acceptOperand(_ kind: Kind) -> Bool {
        switch kind {
        case .startGroup:
            open.append(.group)
            expects = .operand
        case .literal: expects = .operation(indexable: false)
        case .name: expects = .operation(indexable: true)
        case .function: expects = .parameters
        case .not: expects = .operand
        default: return false
        }
        return true
    }

    private mutating func acceptOperation(_ kind: Kind, _ indexable: Bool) -> Bool {
        switch kind {
        case .and, .or, .compare: expects = .operand
        case .separator:
            guard open.last == .parameters else { return false }
            expects = .operand
        case .startIndex:
            guard indexable else { return false }
            open.append(.index)
            expects = .operandOrWildcard
        case .dereference:
            guard indexable else { return false }
            expects = .member
        case .endGroup: return close(.group)
        case .endIndex: return close(.index)
        case .endParameters: return close(.parameters)
        default: return false
        }
        return true
    }

    private mutating func close(_ bracket: Bracket) -> Bool {
        guard open.last == bracket else { return false }
        open.removeLast()
        expects = .operation(indexable: true)
        return true
    }
}
