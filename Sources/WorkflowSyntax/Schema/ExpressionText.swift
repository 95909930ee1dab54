/// Finds `${{ }}` in the text of a scalar and compiles it: one expression stays one, a text around expressions
/// becomes one expression that calls `format`.
struct ExpressionText {
    struct Fault: Error {
        var code: String
        var message: String
    }

    private enum Segment {
        case text(String)
        case expression(Expression)
    }

    private let allowed: AllowedNames
    private var segments: [Segment] = []

    private init(_ allowed: AllowedNames) {
        self.allowed = allowed
    }

    /// Whether the text has an expression at all; the common case is that it has none.
    static func occurs(in text: String) -> Bool {
        var matched = 0
        let bytes = text.utf8.span
        for at in bytes.indices {
            let byte = bytes[at]
            if matched == 0, byte != UInt8(ascii: "$") { continue }
            switch (byte, matched) {
            case (UInt8(ascii: "{"), 1): matched = 2
            case (UInt8(ascii: "{"), 2): return true
            case (UInt8(ascii: "$"), _): matched = 1
            default: matched = 0
            }
        }
        return false
    }

    /// The kind of a scalar with that text.
    static func kind(of text: String, allowing allowed: AllowedNames) throws(Fault) -> TemplateToken.Kind {
        var parser = ExpressionText(allowed)
        return try parser.parse(Array(text.utf8)[...])
    }

    /// A text that is an expression also without `${{ }}` (`if`).
    static func condition(_ text: String, allowing allowed: AllowedNames) throws(Fault) -> TemplateToken.Kind {
        if occurs(in: text) {
            let kind = try kind(of: text, allowing: allowed)
            if case .string(let literal) = kind {
                return .expression(Expression(source: quoted(literal), root: .literal(.string(literal))))
            }
            return kind
        }
        let bytes = trimmed(Array(text.utf8)[...])
        if bytes.isEmpty { return .null }
        return .expression(try ExpressionText(allowed).compile(bytes))
    }

    /// The literal of an expression that yields the text.
    static func quoted(_ text: String) -> String {
        "'" + doubled(text) { $0 == UInt8(ascii: "'") } + "'"
    }

    /// With certain ASCII characters twice.
    private static func doubled(_ text: String, _ isDoubled: (UInt8) -> Bool) -> String {
        guard text.utf8.contains(where: isDoubled) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 8)
        for byte in text.utf8 {
            if isDoubled(byte) { bytes.append(byte) }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func parse(_ bytes: ArraySlice<UInt8>) throws(Fault) -> TemplateToken.Kind {
        var rest = bytes
        while let start = Self.opening(in: rest) {
            if start > rest.startIndex { segments.append(.text(String(decoding: rest[..<start], as: UTF8.self))) }
            guard let end = Self.closing(in: rest[(start + 3)...]) else {
                throw Fault(
                    code: "expression-not-closed",
                    message: "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} "
                        + "sequence was not found.")
            }
            let body = Self.trimmed(rest[(start + 3)..<(end - 2)])
            if Self.isDirective(body) {
                guard body.count == 6 else {
                    throw Fault(
                        code: "directive",
                        message: "Exactly 0 parameters were expected following the directive 'insert'")
                }
                guard start == bytes.startIndex, end == bytes.endIndex else {
                    throw Fault(
                        code: "directive",
                        message: "The directive 'insert' is not allowed in this context. Directives are not supported "
                            + "for expressions that are embedded within a string. Directives are only supported when "
                            + "the entire value is an expression.")
                }
                return .insert
            }
            segments.append(.expression(try compile(body)))
            rest = rest[end...]
        }
        if !rest.isEmpty { segments.append(.text(String(decoding: rest, as: UTF8.self))) }
        return try join()
    }

    /// Segments as one kind.
    private func join() throws(Fault) -> TemplateToken.Kind {
        if segments.count == 1, case .expression(let expression) = segments[0] {
            if case .literal(.string(let text)) = expression.root { return .string(text) }
            return .expression(expression)
        }
        var pattern = ""
        var plain = ""
        var arguments: [Expression] = []
        for segment in segments {
            switch segment {
            case .text(let text):
                Self.escape(text, into: &pattern)
                plain += text
            case .expression(let expression):
                if case .literal(.string(let text)) = expression.root {
                    Self.escape(text, into: &pattern)
                    plain += text
                } else {
                    pattern += "{\(arguments.count)}"
                    arguments.append(expression)
                }
            }
        }
        if arguments.isEmpty { return .string(plain) }
        if arguments.count > 254 {
            throw Fault(code: "expression", message: "Too many parameters supplied: 'format'")
        }
        var source = "format("
        source += Self.quoted(pattern)
        for argument in arguments {
            source += ", "
            source += argument.source
        }
        source += ")"
        let root = ExpressionNode.calling(.format, [.literal(.string(pattern))] + arguments.map(\.root))
        return .expression(Expression(source: source, root: root, parts: arguments))
    }

    private func compile(_ bytes: ArraySlice<UInt8>) throws(Fault) -> Expression {
        if bytes.isEmpty { throw Fault(code: "expression", message: "An expression was expected") }
        do throws(ExpressionError) {
            return try Expression(String(decoding: bytes, as: UTF8.self), allowing: allowed)
        } catch {
            throw Fault(code: "expression", message: error.message)
        }
    }

    private static func escape(_ text: String, into pattern: inout String) {
        pattern += doubled(text) { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }
    }

    private static func opening(in bytes: ArraySlice<UInt8>) -> Int? {
        var at = bytes.startIndex
        while at + 2 < bytes.endIndex {
            if bytes[at] == UInt8(ascii: "$"), bytes[at + 1] == UInt8(ascii: "{"), bytes[at + 2] == UInt8(ascii: "{") {
                return at
            }
            at += 1
        }
        return nil
    }

    /// The end behind `}}`, texts in quotes left out.
    private static func closing(in bytes: ArraySlice<UInt8>) -> Int? {
        var inText = false
        var before: UInt8 = 0
        for at in bytes.indices {
            let byte = bytes[at]
            if byte == UInt8(ascii: "'") {
                inText.toggle()
            } else if !inText, byte == UInt8(ascii: "}"), before == UInt8(ascii: "}") {
                return at + 1
            }
            before = byte
        }
        return nil
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var start = bytes.startIndex
        var end = bytes.endIndex
        while start < end, NumberText.isSpace(bytes[start]) { start += 1 }
        while start < end, NumberText.isSpace(bytes[end - 1]) { end -= 1 }
        return bytes[start..<end]
    }

    /// `insert`, alone or before a blank.
    private static func isDirective(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.starts(with: "insert".utf8) && (bytes.count == 6 || NumberText.isSpace(bytes[bytes.startIndex + 6]))
    }
}
