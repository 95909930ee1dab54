import Storage

/// A list parameter as the JSON array that `json_each` reads.
enum JSONList {
    static func text(_ integers: [Int64]) -> String {
        "[" + integers.map { String($0) }.joined(separator: ",") + "]"
    }

    /// Throws `invalidValue` for a NUL: `json_each` would end the text there and match another one.
    static func text(_ texts: [String]) throws(StorageError) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (index, text) in texts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            for byte in text.utf8 {
                switch byte {
                case 0: throw StorageError(.invalidValue, "a text in a list cannot contain a NUL")
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
                case ..<0x20:
                    let digits = Array("0123456789abcdef".utf8)
                    bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                default: bytes.append(byte)
                }
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "]"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
