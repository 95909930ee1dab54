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
            try JSONText.append(text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
