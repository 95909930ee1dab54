internal import COpenSSL

/// An Ed25519 key as libcrypto holds it.
struct Ed25519Key: ~Copyable {
    static let name = "Ed25519"
    let pointer: OpaquePointer

    init(seed: SecretBytes) throws(CryptographyError) {
        try LibCrypto.prepare()
        let key = seed.withUnsafeBytes { seed in
            EVP_PKEY_new_raw_private_key(
                EVP_PKEY_ED25519, nil, seed.baseAddress?.assumingMemoryBound(to: UInt8.self), seed.count)
        }
        guard let key else { throw LibCrypto.failure(Self.name) }
        pointer = key
    }

    init(publicKey: [UInt8]) throws(CryptographyError) {
        try LibCrypto.prepare()
        guard let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count) else {
            throw LibCrypto.failure(Self.name)
        }
        pointer = key
    }

    deinit {
        EVP_PKEY_free(pointer)
    }
}
