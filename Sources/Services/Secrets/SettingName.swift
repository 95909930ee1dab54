/// The name of a secret or variable, by GitHub's rule. Upper-case.
enum SettingName {
    /// Throws ``ServiceError`` `invalid_input`; `noun` says of what.
    static func checked(_ name: String, _ noun: String) throws(ServiceError) -> String {
        let bytes = Array(name.uppercased().utf8)
        let isWord = bytes.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
        guard let first = bytes.first, isWord, first > UInt8(ascii: "9"), bytes.count <= 255 else {
            throw ServiceError(
                .invalidInput, noun,
                "a name has letters, digits and _, begins with no digit, and has at most 255 characters")
        }
        let upper = String(decoding: bytes, as: UTF8.self)
        guard !upper.hasPrefix("GITHUB_") else {
            throw ServiceError(.invalidInput, "\(noun) \(upper)", "names that begin with GITHUB_ are GitHub's own")
        }
        return upper
    }
}
