/// A way to write a text within a string of JSON. Encoders differ in what they escape beside what they must.
struct JSONEscapes {
    /// Written as `\u003c`, quotation marks too where they are among them.
    private let units: Set<UInt8>
    private let escapesSlash: Bool
    /// Everything beyond ASCII is written as units.
    private let isASCII: Bool
    private let digits: [UInt8]

    private init(_ units: String = "", escapesSlash: Bool = false, isASCII: Bool = false, isUpper: Bool = false) {
        self.units = Set(units.utf8)
        self.escapesSlash = escapesSlash
        self.isASCII = isASCII
        digits = Array((isUpper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
    }

    /// JavaScript, jq and GitHub's `toJSON`; Go; PHP, whose default is ASCII too; Python; Gson; System.Text.Json of .NET; and
    /// some of them with digits in capitals.
    private static let all = [
        JSONEscapes(), JSONEscapes("<>&"), JSONEscapes(escapesSlash: true),
        JSONEscapes(escapesSlash: true, isASCII: true), JSONEscapes(isASCII: true), JSONEscapes("<>&'="),
        JSONEscapes("\"'<>&+`", isASCII: true, isUpper: true),
        JSONEscapes("\"'<>&", escapesSlash: true, isASCII: true, isUpper: true), JSONEscapes("<>&", isUpper: true),
        JSONEscapes(isASCII: true, isUpper: true),
    ]

    private static let special = Set("\"\\/<>&'=+`".utf8)

    /// The text as each of them writes it, and as JSON within a string of JSON.
    static func forms(of text: [UInt8]) -> [[UInt8]] {
        guard text.contains(where: { $0 < 32 || $0 > 126 || special.contains($0) }) else { return [] }
        return all.flatMap { style in
            let form = style.form(of: text)
            return [form, style.form(of: form)]
        }
    }

    private func form(of bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case _ where units.contains(byte): result += unit(UInt16(byte))
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case 10: result += "\\n".utf8
            case 13: result += "\\r".utf8
            case 9: result += "\\t".utf8
            case 8: result += "\\b".utf8
            case 12: result += "\\f".utf8
            case UInt8(ascii: "/") where escapesSlash: result += "\\/".utf8
            case 0..<32: result += unit(UInt16(byte))
            default: result.append(byte)
            }
        }
        guard isASCII, result.contains(where: { $0 > 127 }) else { return result }
        return String(decoding: result, as: UTF8.self).utf16.flatMap { $0 < 128 ? [UInt8($0)] : unit($0) }
    }

    private func unit(_ code: UInt16) -> [UInt8] {
        Array("\\u".utf8) + [12, 8, 4, 0].map { digits[Int(code >> $0 & 15)] }
    }
}
