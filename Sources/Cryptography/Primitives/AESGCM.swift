/// AES-256 in Galois/counter mode (NIST SP 800-38D) with nonces of 96 bits and tags of 128.
///
/// A nonce must never be used twice with one key; `KeyEncryptionKey` sees to that with a key for each value.
public enum AESGCM {
    public static let keyLength = 32
    public static let nonceLength = 12
    public static let tagLength = 16
    static let name = "AES-256-GCM"

    /// Ciphertext and tag.
    public static func seal(
        _ plaintext: SecretBytes, key: SecretBytes, nonce: [UInt8], additionalData: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let context = try CipherContext()
        try context.begin(.seal, key: key, nonce: nonce, additionalData: additionalData)
        var output = [UInt8](repeating: 0, count: plaintext.count + tagLength)
        var result: Result<Void, CryptographyError> = .success(())
        output.withUnsafeMutableBytes { output in
            result = Result { () throws(CryptographyError) in
                try plaintext.withUnsafeBytes { (input) throws(CryptographyError) in
                    try context.update(input, to: output)
                    try context.finish(tag: UnsafeMutableRawBufferPointer(rebasing: output[input.count...]))
                }
            }
        }
        try result.get()
        return output
    }

    /// The plaintext of ciphertext and tag. Throws `authenticationFailed`, and overwrites what was decrypted, unless
    /// key, nonce, additional data and every bit are those of `seal`.
    public static func open(
        _ sealed: [UInt8], key: SecretBytes, nonce: [UInt8], additionalData: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        guard sealed.count >= tagLength else {
            throw CryptographyError(.malformed, name, "\(sealed.count) bytes are less than a tag of \(tagLength)")
        }
        let context = try CipherContext()
        try context.begin(.open, key: key, nonce: nonce, additionalData: additionalData)
        let length = sealed.count - tagLength
        return try SecretBytes(count: length) { (output) throws(CryptographyError) in
            var result: Result<Bool, CryptographyError> = .success(false)
            sealed.withUnsafeBytes { sealed in
                result = Result { () throws(CryptographyError) in
                    try context.update(UnsafeRawBufferPointer(rebasing: sealed[..<length]), to: output)
                    return try context.finish(expecting: UnsafeRawBufferPointer(rebasing: sealed[length...]))
                }
            }
            guard try result.get() else {
                throw CryptographyError(
                    .authenticationFailed, name, "the text was changed or sealed for another place or key")
            }
        }
    }
}
