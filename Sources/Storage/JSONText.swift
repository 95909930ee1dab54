/// Writes values as JSON: parameters that hold a list or many rows.
package enum JSONText {
    /// The text in quotes. Throws `invalidValue` for a NUL, at which a database's JSON functions would end the text.
    package static func append(_ text: String, to bytes: inout [UInt8]) throws(StorageError) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case 0: throw StorageError(.invalidValue, "a text in a list cannot contain a NUL")
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case ..<0x20:
                let digits: StaticString = "0123456789abcdef"
                bytes += Array("\\u00".utf8) + [digits.utf8Start[Int(byte >> 4)], digits.utf8Start[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A value as PostgreSQL reads it back into a column of its type. Throws `invalidValue` for what JSON cannot hold.
    package static func append(_ value: Value, to bytes: inout [UInt8]) throws(StorageError) {
        switch value {
        case .null: bytes += "null".utf8
        case .boolean(let boolean): bytes += (boolean ? "true" : "false").utf8
        case .integer(let integer): bytes += String(integer).utf8
        case .double(let double) where double.isFinite: bytes += "\(double)".utf8
        case .text(let text): try append(text, to: &bytes)
        case .timestamp(let time): try append(time.iso8601, to: &bytes)
        case .double, .blob, .integers, .texts:
            throw StorageError(.invalidValue, "a \(value.kind) cannot be one of many rows")
        }
    }
}
