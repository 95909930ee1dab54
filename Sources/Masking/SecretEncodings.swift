/// The encodings of a secret that change it byte by byte: hexadecimal, percent, JSON, XML, quoting.
enum SecretEncodings {
    static func all(of bytes: [UInt8]) -> [[UInt8]] {
        var forms = [hex(bytes, digits: lowerDigits), hex(bytes, digits: upperDigits)]
        for plain in ["", "/", "!'()*"] {
            let kept = Set(plain.utf8)
            forms.append(percent(bytes, keeping: kept, digits: upperDigits))
            forms.append(percent(bytes, keeping: kept, digits: lowerDigits))
        }
        // As forms are sent.
        forms.append(percent(bytes, keeping: [32], digits: upperDigits).map { $0 == 32 ? UInt8(ascii: "+") : $0 })
        forms += JSONEscapes.forms(of: bytes)
        forms += quotes.map { replacing(bytes, $0) }
        // As `printf %q` writes it.
        forms.append(bytes.flatMap { shellSpecial.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] })
        if bytes.count > 6, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
            forms.append(Array(bytes.dropFirst().dropLast()))
        }
        return forms
    }

    private static let lowerDigits = Array("0123456789abcdef".utf8)
    private static let upperDigits = Array("0123456789ABCDEF".utf8)
    private static let shellSpecial = Set(" \t!\"$&'()*,;<>?[\\]^`{|}".utf8)

    private static let quotes: [[UInt8: [UInt8]]] = [
        ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&apos;"],
        ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"],
        ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#x27;"],
        ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&#34;", "'": "&#39;"],
        ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"],
        ["&": "&amp;", "<": "&lt;", ">": "&gt;"],
        ["\"": "\\\""], ["'": "''"], ["'": "'\\''"], ["'": "'\"'\"'"],
        // Within double quotes, and within $'…'.
        ["\"": "\\\"", "\\": "\\\\", "$": "\\$", "`": "\\`"],
        ["'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"],
    ].map { (table: [String: String]) in
        Dictionary(table.compactMap { key, value in key.utf8.first.map { ($0, Array(value.utf8)) } }) { $1 }
    }

    private static func replacing(_ bytes: [UInt8], _ table: [UInt8: [UInt8]]) -> [UInt8] {
        guard bytes.contains(where: { table[$0] != nil }) else { return bytes }
        return bytes.flatMap { table[$0] ?? [$0] }
    }

    private static func hex(_ bytes: [UInt8], digits: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            result.append(digits[Int(byte >> 4)])
            result.append(digits[Int(byte & 15)])
        }
        return result
    }

    /// Encoders differ in what they leave as it is, and in the case of digits.
    private static func percent(_ bytes: [UInt8], keeping plain: Set<UInt8>, digits: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.append(byte)
            default:
                if plain.contains(byte) {
                    result.append(byte)
                } else {
                    result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
            }
        }
        return result
    }
}
