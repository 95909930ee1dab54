internal import COpenSSL

/// A key that signs by Ed25519 (RFC 8032, section 5.1).
public struct Ed25519PrivateKey: Sendable {
    public static let seedLength = 32
    /// The 32 bytes that are the private key.
    public let seed: SecretBytes
    public let publicKey: Ed25519PublicKey

    /// Throws `malformed` unless the seed has 32 bytes.
    public init(seed: SecretBytes) throws(CryptographyError) {
        guard seed.count == Self.seedLength else {
            throw CryptographyError(.malformed, Ed25519Key.name, "a private key of \(seed.count) bytes; it has 32")
        }
        let key = try Ed25519Key(seed: seed)
        var bytes = [UInt8](repeating: 0, count: Ed25519PublicKey.length)
        var length = bytes.count
        guard EVP_PKEY_get_raw_public_key(key.pointer, &bytes, &length) == 1, length == bytes.count else {
            throw LibCrypto.failure(Ed25519Key.name)
        }
        self.seed = seed
        publicKey = try Ed25519PublicKey(bytes)
    }

    public static func generate() throws(CryptographyError) -> Ed25519PrivateKey {
        try Ed25519PrivateKey(seed: try RandomBytes.secret(seedLength))
    }

    /// The signature, 64 bytes; the same for the same message.
    public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let key = try Ed25519Key(seed: seed)
        var signature = [UInt8](repeating: 0, count: Ed25519PublicKey.signatureLength)
        var length = signature.count
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard let context, EVP_DigestSignInit(context, nil, nil, nil, key.pointer) == 1,
            EVP_DigestSign(context, &signature, &length, message, message.count) == 1, length == signature.count
        else { throw LibCrypto.failure(Ed25519Key.name) }
        return signature
    }
}
