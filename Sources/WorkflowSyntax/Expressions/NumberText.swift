internal import Glibc

/// Numbers to text and back as GitHub's evaluator does (.NET `G15`, invariant culture).
enum NumberText {
    /// At most 15 significant digits; `1E+15`, `1E-05`; negative zero is `0`.
    static func print(_ value: Double) -> String {
        if value == 0 { return "0" }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        if value.magnitude < 1e15, let whole = Int64(exactly: value) { return String(whole) }
        // Digits that read back to the same double are those of 15 when there are no more of them.
        if value.magnitude >= 1e-4, value.magnitude < 1e15 {
            let shortest = value.magnitude.description
            if shortest.utf8.count <= 16 { return value < 0 ? "-" + shortest : shortest }
        }
        return general(value)
    }

    /// The form of C's `%.15G`, which is .NET's for every finite number that is not zero.
    private static func general(_ value: Double) -> String {
        let (digits, exponent) = significant(value.magnitude)
        var out = value < 0 ? "-" : ""
        if exponent < -4 || exponent >= 15 {
            out.append(digits.first.map(String.init) ?? "0")
            if digits.count > 1 { out += "." + digits.dropFirst() }
            out += exponent < 0 ? "E-" : "E+"
            let text = String(exponent.magnitude)
            out += text.utf8.count < 2 ? "0" + text : text
        } else if exponent < 0 {
            out += "0." + String(repeating: "0", count: -exponent - 1) + digits
        } else {
            let padded = digits + String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count))
            let split = padded.index(padded.startIndex, offsetBy: exponent + 1)
            out += padded[..<split]
            if split < padded.endIndex { out += "." + padded[split...] }
        }
        return out
    }

    /// Up to 15 significant digits without trailing zeros, and the decimal exponent of the first of them.
    private static func significant(_ value: Double) -> (digits: String, exponent: Int) {
        let printed = withVaList([value]) { list in
            var buffer = [CChar](repeating: 0, count: 40)
            let count = vsnprintf(&buffer, buffer.count, "%.14e", list)
            return buffer.prefix(Int(max(0, min(count, 39)))).map { UInt8(bitPattern: $0) }
        }
        guard let mark = printed.firstIndex(of: UInt8(ascii: "e")) else { return ("0", 0) }
        var digits = printed[..<mark].filter { $0 != UInt8(ascii: ".") }
        while digits.count > 1 && digits.last == UInt8(ascii: "0") { digits.removeLast() }
        let exponent = Int(String(decoding: printed[(mark + 1)...], as: UTF8.self)) ?? 0
        return (String(decoding: digits, as: UTF8.self), exponent)
    }

    /// Trimmed; empty is 0; decimal with exponent, `0x` and `0o` of 32 bits, `Infinity`, `-Infinity`; else NaN.
    static func parse(_ text: String) -> Double {
        parse(bytes: Array(text.utf8)[...])
    }

    static func parse(bytes source: ArraySlice<UInt8>) -> Double {
        var start = source.startIndex
        var end = source.endIndex
        while start < end, isSpace(source[start]) { start += 1 }
        while start < end, isSpace(source[end - 1]) { end -= 1 }
        let bytes = source[start..<end]
        if bytes.isEmpty { return 0 }
        if isDecimal(bytes) { return Double(String(decoding: bytes, as: UTF8.self)) ?? .nan }
        let text = String(decoding: bytes, as: UTF8.self)
        switch text {
        case "Infinity", "+Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: break
        }
        if text.hasPrefix("0x"), bytes.count > 2, bytes.dropFirst(2).allSatisfy(isHexadecimal) {
            return UInt32(text.dropFirst(2), radix: 16).map { Double(Int32(bitPattern: $0)) } ?? .nan
        }
        if text.hasPrefix("0o"), bytes.count > 2, bytes.dropFirst(2).allSatisfy({ $0 &- 0x30 < 8 }) {
            return UInt32(text.dropFirst(2), radix: 8).map { Double(Int32(bitPattern: $0)) } ?? .nan
        }
        return .nan
    }

    /// `[+-]? (digits [. digits?] | . digits) ([eE] [+-]? digits)?`
    static func isDecimal(_ bytes: ArraySlice<UInt8>) -> Bool {
        var at = bytes.startIndex
        func digits() -> Int {
            let start = at
            while at < bytes.endIndex, bytes[at] &- 0x30 < 10 { at += 1 }
            return at - start
        }
        if at < bytes.endIndex, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
        var count = digits()
        if at < bytes.endIndex, bytes[at] == UInt8(ascii: ".") {
            at += 1
            count += digits()
        }
        if count == 0 { return false }
        if at < bytes.endIndex, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.endIndex, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            if digits() == 0 { return false }
        }
        return at == bytes.endIndex
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
    }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6
    }
}
