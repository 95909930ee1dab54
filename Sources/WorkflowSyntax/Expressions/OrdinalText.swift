/// Ordinal text comparison without regard to case, as .NET's `OrdinalIgnoreCase`: by UTF-16 unit, each mapped by
/// its simple upper-case form (`ß` stays itself, `ı` is not `I`, `_` sorts after letters).
enum OrdinalText {
    @inline(__always)
    static func upper(_ byte: UInt8) -> UInt8 {
        byte &- 0x61 < 26 ? byte & 0xDF : byte
    }

    /// The simple upper-case form of a scalar; a scalar beyond ASCII never becomes an ASCII one.
    static func upper(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.value < 0x80 {
            return Unicode.Scalar(upper(UInt8(scalar.value)))
        }
        let mapped = scalar.properties.uppercaseMapping.unicodeScalars
        guard let first = mapped.first, mapped.count == 1, first.value >= 0x80 else { return scalar }
        return first
    }

    /// Whether two texts are equal; ``compare(_:_:)`` is 0.
    static func same(_ a: String, _ b: String) -> Bool {
        guard let (x, y) = difference(a, b) else { return true }
        // No letter beyond ASCII folds into it.
        return x >= 0x80 && y >= 0x80 && compareFolded(a, b) == 0
    }

    /// Negative, zero or positive.
    static func compare(_ a: String, _ b: String) -> Int {
        guard let (x, y) = difference(a, b) else { return 0 }
        return x < 0x80 && y < 0x80 ? x - y : compareFolded(a, b)
    }

    /// The first bytes, in upper case, that are not the same; -1 is the end of a text. What is before them is equal also
    /// when it is folded, so where both are ASCII they decide.
    @inline(__always)
    private static func difference(_ a: String, _ b: String) -> (Int, Int)? {
        let x = a.utf8.span
        let y = b.utf8.span
        let count = min(x.count, y.count)
        var at = 0
        while at < count {
            let left = upper(x[at])
            let right = upper(y[at])
            if left != right { return (Int(left), Int(right)) }
            at += 1
        }
        if x.count == y.count { return nil }
        return (at < x.count ? Int(x[at]) : -1, at < y.count ? Int(y[at]) : -1)
    }

    private static func compareFolded(_ a: String, _ b: String) -> Int {
        let x = folded(a).utf16
        let y = folded(b).utf16
        for (left, right) in zip(x, y) where left != right {
            return Int(left) - Int(right)
        }
        return x.count - y.count
    }

    static func isASCII(_ text: String) -> Bool {
        let bytes = text.utf8.span
        for at in bytes.indices where bytes[at] >= 0x80 { return false }
        return true
    }

    /// Every scalar in its simple upper-case form.
    static func folded(_ text: String) -> String {
        if isASCII(text) {
            var bytes = [UInt8]()
            bytes.reserveCapacity(text.utf8.count)
            for byte in text.utf8 { bytes.append(upper(byte)) }
            return String(decoding: bytes, as: UTF8.self)
        }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(upper(scalar)) }
        return String(out)
    }

    /// In lower case, which most names are already.
    static func lowered(_ text: String) -> String {
        let bytes = text.utf8.span
        for at in bytes.indices where bytes[at] &- 0x41 < 26 || bytes[at] >= 0x80 { return text.lowercased() }
        return text
    }

    /// Whether `part` occurs in `text`, without regard to case. Linear but for long repeated prefixes.
    static func contains(_ text: String, _ part: String) -> Bool {
        find(Array(folded(part).utf8), in: Array(folded(text).utf8))
    }

    static func hasPrefix(_ text: String, _ part: String) -> Bool {
        let bytes = text.utf8.span
        let start = part.utf8.span
        var at = 0
        while at < start.count {
            let left = at < bytes.count ? bytes[at] : 0
            if left | start[at] >= 0x80 { return folded(text).utf8.starts(with: folded(part).utf8) }
            if at == bytes.count || upper(left) != upper(start[at]) { return false }
            at += 1
        }
        return true
    }

    static func hasSuffix(_ text: String, _ part: String) -> Bool {
        let text = Array(folded(text).utf8)
        let part = Array(folded(part).utf8)
        return text.count >= part.count && text[(text.count - part.count)...].elementsEqual(part)
    }

    /// Knuth–Morris–Pratt, so that hostile texts cost no more than others.
    private static func find(_ part: [UInt8], in text: [UInt8]) -> Bool {
        if part.isEmpty { return true }
        if part.count > text.count { return false }
        var failure = [Int](repeating: 0, count: part.count)
        var matched = 0
        for at in 1..<part.count {
            while matched > 0 && part[at] != part[matched] { matched = failure[matched - 1] }
            if part[at] == part[matched] { matched += 1 }
            failure[at] = matched
        }
        matched = 0
        for byte in text {
            while matched > 0 && byte != part[matched] { matched = failure[matched - 1] }
            if byte == part[matched] { matched += 1 }
            if matched == part.count { return true }
        }
        return false
    }
}
