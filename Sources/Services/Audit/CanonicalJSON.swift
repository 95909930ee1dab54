internal import WorkflowSyntax

/// JSON of which there is one text only (RFC 8785): no blanks, members in the order of their names' UTF-16 code units,
/// numbers and escapes as ECMAScript writes them.
struct CanonicalJSON {
    private(set) var bytes: [UInt8] = []

    static func text(_ value: ExpressionValue) -> String {
        var writer = Self()
        writer.append(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// What is no number, infinite or not one at all, has no JSON and becomes null, as in ECMAScript.
    mutating func append(_ value: ExpressionValue) {
        switch value {
        case .null: raw("null")
        case .boolean(let value): raw(value ? "true" : "false")
        case .number(let value): raw(value.isFinite ? Self.number(value) : "null")
        case .string(let value): append(value)
        case .array(let array):
            for (index, element) in array.elements.enumerated() {
                bytes.append(UInt8(ascii: index == 0 ? "[" : ","))
                append(element)
            }
            raw(array.elements.isEmpty ? "[]" : "]")
        case .object(let object):
            let sorted = object.pairs.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            for (index, pair) in sorted.enumerated() {
                bytes.append(UInt8(ascii: index == 0 ? "{" : ","))
                append(pair.key)
                bytes.append(UInt8(ascii: ":"))
                append(pair.value)
            }
            raw(sorted.isEmpty ? "{}" : "}")
        }
    }

    mutating func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x08: raw("\\b")
            case 0x09: raw("\\t")
            case 0x0A: raw("\\n")
            case 0x0C: raw("\\f")
            case 0x0D: raw("\\r")
            case 0..<0x20:
                raw("\\u00")
                for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// One that a double does not hold is a string, as section 3.2.2.3's note has it; nil is null.
    mutating func append(_ integer: Int64?) {
        guard let integer else { return raw("null") }
        raw(integer.magnitude <= 1 << 53 ? String(integer) : "\"\(integer)\"")
    }

    /// Text that is JSON already.
    mutating func raw(_ text: String) { bytes += text.utf8 }

    /// ECMAScript's `Number::toString` of a finite number: Swift's digits, which are the fewest that read back to it too,
    /// with the exponent where ECMAScript has one.
    static func number(_ value: Double) -> String {
        if value == 0 { return "0" }
        let parts = value.magnitude.description.split(separator: "e", maxSplits: 1)
        let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = halves[0]
        let fraction = halves.count > 1 && halves[1] != "0" ? halves[1] : ""
        // The value is 0.DIGITS times ten to the `point`.
        var digits = Array((whole + fraction).utf8)
        var point = whole.utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        let zeros = digits.prefix { $0 == 0x30 }.count
        digits.removeFirst(zeros)
        point -= zeros
        while digits.last == 0x30 { digits.removeLast() }
        func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
        let sign = value < 0 ? "-" : ""
        // Never more than 17.
        let count = digits.count
        switch point {
        case count...21: return sign + text(digits) + String(repeating: "0", count: point - count)
        case 1...21: return sign + text(digits.prefix(point)) + "." + text(digits.dropFirst(point))
        case -5...0: return sign + "0." + String(repeating: "0", count: -point) + text(digits)
        default:
            let exponent = (point > 0 ? "e+" : "e-") + String((point - 1).magnitude)
            return sign + text(digits.prefix(1)) + (count > 1 ? "." + text(digits.dropFirst()) : "") + exponent
        }
    }
}
