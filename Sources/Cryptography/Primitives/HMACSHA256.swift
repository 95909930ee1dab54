internal import COpenSSL

/// HMAC with SHA-256 (RFC 2104, FIPS 198-1).
public enum HMACSHA256 {
    public static let length = 32

    /// The 32 bytes that only holders of the key can compute.
    public static func authenticationCode(
        of message: [UInt8], key: SecretBytes
    ) throws(CryptographyError) -> [UInt8] {
        try message.withUnsafeBytes { bytes in
            Result { () throws(CryptographyError) in try authenticationCode(of: bytes, key: key) }
        }.get()
    }

    /// The same of a secret.
    public static func authenticationCode(
        of message: SecretBytes, key: SecretBytes
    ) throws(CryptographyError) -> [UInt8] {
        try message.withUnsafeBytes { bytes in
            Result { () throws(CryptographyError) in try authenticationCode(of: bytes, key: key) }
        }.get()
    }

    /// The same of bytes that are not to be copied.
    public static func authenticationCode(
        of message: UnsafeRawBufferPointer, key: SecretBytes
    ) throws(CryptographyError) -> [UInt8] {
        try LibCrypto.prepare()
        guard let keyLength = Int32(exactly: key.count) else {
            throw CryptographyError(.tooLarge, "HMAC-SHA-256", "a key of \(key.count) bytes; 32 are enough")
        }
        var code = [UInt8](repeating: 0, count: length)
        var written: UInt32 = 0
        let done = key.withUnsafeBytes { key in
            HMAC(
                EVP_sha256(), key.baseAddress, keyLength, message.assumingMemoryBound(to: UInt8.self).baseAddress,
                message.count, &code, &written) != nil
        }
        guard done, Int(written) == length else { throw LibCrypto.failure("HMAC-SHA-256") }
        return code
    }

    /// Compares in constant time.
    public static func isValid(
        _ code: [UInt8], of message: [UInt8], key: SecretBytes
    ) throws(CryptographyError) -> Bool {
        ConstantTime.areEqual(code, try authenticationCode(of: message, key: key))
    }
}
