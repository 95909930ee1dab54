extension ExpressionValue {
    /// Reads one JSON text (RFC 8259). Of equal keys the last wins.
    ///
    /// - Throws: kind `evaluation`, on any fault and on more than 128 levels.
    public init(json: String) throws(ExpressionError) {
        var reader = JSONReader(json)
        self = try reader.document()
    }
}

/// A recursive-descent reader over the bytes of a text, with a depth limit.
private struct JSONReader {
    static let maximumDepth = 128
    private let bytes: [UInt8]
    private var at = 0
    /// Of all arrays that are still open: each is made once its length is known.
    private var elements: [ExpressionValue] = []
    private var pairs: [ExpressionObject.Pair] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    mutating func document() throws(ExpressionError) -> ExpressionValue {
        let value = try value(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw fault("unexpected text after the value") }
        return value
    }

    private func fault(_ what: String) -> ExpressionError {
        ExpressionError(.evaluation, "Error reading JSON at offset \(at): \(what)")
    }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 {
            at += 1
        }
    }

    private mutating func value(depth: Int) throws(ExpressionError) -> ExpressionValue {
        skipSpace()
        guard at < bytes.count else { throw fault("unexpected end") }
        if depth >= Self.maximumDepth { throw fault("more than \(Self.maximumDepth) levels") }
        switch bytes[at] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: StaticString, _ value: ExpressionValue) throws(ExpressionError)
        -> ExpressionValue
    {
        let end = at + text.utf8CodeUnitCount
        let matches = text.withUTF8Buffer { end <= bytes.count && bytes[at..<end].elementsEqual($0) }
        guard matches else { throw fault("unexpected character") }
        at = end
        return value
    }

    private mutating func number() throws(ExpressionError) -> ExpressionValue {
        let start = at
        let negative = bytes[at] == UInt8(ascii: "-")
        if negative { at += 1 }
        let digits = at
        var whole = 0
        while at < bytes.count, bytes[at] &- 0x30 < 10 {
            if at - digits < 15 { whole = whole * 10 + Int(bytes[at] &- 0x30) }
            at += 1
        }
        let count = at - digits
        guard count > 0, count == 1 || bytes[digits] != 0x30 else {
            at = start
            throw fault("unexpected character")
        }
        let isWhole = at == bytes.count || !(bytes[at] == UInt8(ascii: ".") || bytes[at] | 0x20 == UInt8(ascii: "e"))
        if isWhole, count <= 15 { return .number(negative ? -Double(whole) : Double(whole)) }
        if let value = decimal(whole, digits: count) { return .number(negative ? -value : value) }
        while at < bytes.count {
            let byte = bytes[at]
            guard
                byte &- 0x30 < 10 || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
                    || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            else { break }
            at += 1
        }
        guard NumberText.isDecimal(bytes[start..<at]), bytes[at - 1] != UInt8(ascii: "."),
            let value = Double(String(decoding: bytes[start..<at], as: UTF8.self))
        else { throw fault("malformed number") }
        return .number(value)
    }

    /// A fraction without an exponent, moved past: of at most 15 digits it is the exact quotient of two exact numbers.
    private mutating func decimal(_ whole: Int, digits: Int) -> Double? {
        guard at < bytes.count, bytes[at] == UInt8(ascii: ".") else { return nil }
        var end = at + 1
        var value = whole
        var scale = 1.0
        while end < bytes.count, bytes[end] &- 0x30 < 10, digits + end - at <= 15 {
            value = value * 10 + Int(bytes[end] &- 0x30)
            scale *= 10
            end += 1
        }
        guard end > at + 1, digits + end - at - 1 <= 15 else { return nil }
        if end < bytes.count {
            let byte = bytes[end]
            if byte &- 0x30 < 10 || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
                || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            {
                return nil
            }
        }
        at = end
        return Double(value) / scale
    }

    private mutating func array(depth: Int) throws(ExpressionError) -> ExpressionValue {
        at += 1
        if try ends(with: UInt8(ascii: "]"), first: true) { return .array(ExpressionArray([])) }
        let first = elements.count
        repeat {
            elements.append(try value(depth: depth + 1))
        } while try !ends(with: UInt8(ascii: "]"), first: false)
        let own = Array(elements[first...])
        elements.removeLast(own.count)
        return .array(ExpressionArray(own))
    }

    private mutating func object(depth: Int) throws(ExpressionError) -> ExpressionValue {
        at += 1
        if try ends(with: UInt8(ascii: "}"), first: true) { return .object(ExpressionObject([])) }
        let first = pairs.count
        repeat {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw fault("a key was expected") }
            let key = try string()
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw fault("':' was expected") }
            at += 1
            pairs.append(ExpressionObject.Pair(key: key, value: try value(depth: depth + 1)))
        } while try !ends(with: UInt8(ascii: "}"), first: false)
        let own = Array(pairs[first...])
        pairs.removeLast(own.count)
        return .object(ExpressionObject(pairs: own))
    }

    /// Whether the bracket closes here; else, but for the first element, a comma must stand here and is skipped.
    private mutating func ends(with bracket: UInt8, first: Bool) throws(ExpressionError) -> Bool {
        skipSpace()
        guard at < bytes.count else { throw fault("unexpected end") }
        if bytes[at] == bracket {
            at += 1
            return true
        }
        if first { return false }
        guard bytes[at] == UInt8(ascii: ",") else { throw fault("',' was expected") }
        at += 1
        return false
    }

    private mutating func string() throws(ExpressionError) -> String {
        at += 1
        let start = at
        at = run(from: start)
        guard at < bytes.count else { throw fault("a string is not closed") }
        if bytes[at] < 0x20 { throw fault("a control character in a string") }
        if bytes[at] == UInt8(ascii: "\"") {
            at += 1
            return String(decoding: bytes[start..<(at - 1)], as: UTF8.self)
        }
        var out = Array(bytes[start..<at])
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: out, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &out)
            case 0..<0x20: throw fault("a control character in a string")
            default:
                let end = run(from: at)
                out += bytes[(at - 1)..<end]
                at = end
            }
        }
        throw fault("a string is not closed")
    }

    /// The end of the bytes that stand for themselves in a string.
    private func run(from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\")
        {
            end += 1
        }
        return end
    }

    private mutating func escape(into out: inout [UInt8]) throws(ExpressionError) {
        guard at < bytes.count else { throw fault("a string is not closed") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"):
            var unit = try hexadecimal()
            if unit >= 0xD800, unit < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
                bytes[at + 1] == UInt8(ascii: "u")
            {
                let mark = at
                at += 2
                let low = try hexadecimal()
                if low >= 0xDC00, low < 0xE000 {
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    at = mark
                }
            }
            let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
            out.append(contentsOf: scalar.utf8)
        default: throw fault("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(ExpressionError) -> UInt32 {
        var unit: UInt32 = 0
        for index in at..<(at + 4) {
            guard index < bytes.count, NumberText.isHexadecimal(bytes[index]) else {
                throw fault("four hexadecimal digits were expected")
            }
            let digit = bytes[index]
            unit = unit << 4 | UInt32(digit < 0x3A ? digit & 15 : (digit & 15) + 9)
        }
        at += 4
        return unit
    }
}
