/// The forms in which a secret may appear in output beside its own text.
enum SecretEncodings {
    static func all(of bytes: [UInt8]) -> [[UInt8]] {
        var forms = base64(bytes, alphabet: standard) + base64(bytes, alphabet: urlSafe)
        forms.append(hex(bytes, digits: Array("0123456789abcdef".utf8)))
        forms.append(hex(bytes, digits: Array("0123456789ABCDEF".utf8)))
        for plain in ["", "/"] {
            forms.append(percent(bytes, keeping: plain, digits: "0123456789ABCDEF"))
            forms.append(percent(bytes, keeping: plain, digits: "0123456789abcdef"))
        }
        // As `printf %q` writes it.
        forms.append(bytes.flatMap { shellSpecial.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] })
        forms.append(replacing(bytes, ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&apos;"]))
        forms.append(replacing(bytes, ["&": "&amp;", "<": "&lt;", ">": "&gt;"]))
        forms.append(replacing(bytes, ["\\": "\\\\", "\"": "\\\"", "\n": "\\n", "\r": "\\r", "\t": "\\t"]))
        forms.append(replacing(bytes, ["\"": "\\\""]))
        forms.append(replacing(bytes, ["'": "''"]))
        forms.append(replacing(bytes, ["'": "'\\''"]))
        if bytes.count > 6, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
            forms.append(Array(bytes.dropFirst().dropLast()))
        }
        return forms.filter { $0 != bytes }
    }

    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSafe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// At three alignments, each in two forms: only the groups that the secret alone decides, and with the padded
    /// group of a secret at the end of the text.
    private static func base64(_ bytes: [UInt8], alphabet: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for skipped in 0..<3 {
            // What stands before the secret in its first group decides up to that many characters.
            let own = skipped == 0 ? bytes[...] : bytes.dropFirst(3 - skipped)
            let whole = own.prefix(own.count / 3 * 3)
            let decided = encode(whole, alphabet)
            if !decided.isEmpty { forms.append(decided) }
            if whole.count < own.count {
                let padded = encode(own, alphabet)
                forms.append(padded)
                forms.append(Array(padded.prefix { $0 != UInt8(ascii: "=") }))
            }
        }
        return forms
    }

    private static func encode(_ bytes: ArraySlice<UInt8>, _ alphabet: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes
        while !rest.isEmpty {
            let group = Array(rest.prefix(3))
            rest = rest.dropFirst(3)
            let value = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for index in 0..<4 {
                let isPadding = index > group.count
                result.append(isPadding ? UInt8(ascii: "=") : alphabet[value >> (18 - 6 * index) & 63])
            }
        }
        return result
    }

    private static func hex(_ bytes: [UInt8], digits: [UInt8]) -> [UInt8] {
        bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    private static let shellSpecial = Set(" \t!\"$&'()*,;<>?[\\]^`{|}".utf8)

    /// Encoders differ in the slash and in the case of digits.
    private static func percent(_ bytes: [UInt8], keeping plain: String, digits: String) -> [UInt8] {
        let digits = Array(digits.utf8)
        return bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                [byte]
            default:
                plain.utf8.contains(byte)
                    ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }

    private static func replacing(_ bytes: [UInt8], _ replacements: [String: String]) -> [UInt8] {
        let table = Dictionary(
            uniqueKeysWithValues: replacements.compactMap { key, value in key.utf8.first.map { ($0, Array(value.utf8)) }
            })
        return bytes.flatMap { table[$0] ?? [$0] }
    }
}
