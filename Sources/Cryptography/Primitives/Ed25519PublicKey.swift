internal import COpenSSL

/// A key that checks signatures by Ed25519 (RFC 8032, section 5.1).
public struct Ed25519PublicKey: Sendable, Hashable {
    public static let length = 32
    public static let signatureLength = 64
    public let bytes: [UInt8]

    /// Throws `malformed` unless there are 32 bytes; whether they are a point of the curve shows when they are used.
    public init(_ bytes: [UInt8]) throws(CryptographyError) {
        guard bytes.count == Self.length else {
            throw CryptographyError(.malformed, Ed25519Key.name, "a public key of \(bytes.count) bytes; it has 32")
        }
        self.bytes = bytes
    }

    /// Whether the signature is the key's for exactly this message.
    public func isValid(_ signature: [UInt8], of message: [UInt8]) throws(CryptographyError) -> Bool {
        guard signature.count == Self.signatureLength else { return false }
        let key = try Ed25519Key(publicKey: bytes)
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard let context, EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer) == 1 else {
            throw LibCrypto.failure(Ed25519Key.name)
        }
        let result = EVP_DigestVerify(context, signature, signature.count, message, message.count)
        ERR_clear_error()
        return result == 1
    }
}
