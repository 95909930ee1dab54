internal import COpenSSL

/// HKDF with SHA-256 (RFC 5869): keys from a key that has enough entropy; not for passphrases (`Argon2id`).
public enum HKDF {
    private static let name = "HKDF-SHA-256"
    /// 255 blocks, the RFC's limit.
    private static let limit = 255 * 32

    /// Extract and expand: keys of different `info` tell nothing of each other.
    public static func derive(
        from secret: SecretBytes, salt: [UInt8] = [], info: [UInt8], count: Int
    ) throws(CryptographyError) -> SecretBytes {
        try run(EVP_PKEY_HKDEF_MODE_EXTRACT_AND_EXPAND, secret, salt: salt, info: info, count: count)
    }

    /// Section 2.2: the pseudorandom key of 32 bytes.
    public static func extract(from secret: SecretBytes, salt: [UInt8]) throws(CryptographyError) -> SecretBytes {
        try run(EVP_PKEY_HKDEF_MODE_EXTRACT_ONLY, secret, salt: salt, info: [], count: 32)
    }

    /// Section 2.3.
    public static func expand(
        _ pseudorandomKey: SecretBytes, info: [UInt8], count: Int
    ) throws(CryptographyError) -> SecretBytes {
        try run(EVP_PKEY_HKDEF_MODE_EXPAND_ONLY, pseudorandomKey, salt: [], info: info, count: count)
    }

    private static func run(
        _ mode: Int32, _ secret: SecretBytes, salt: [UInt8], info: [UInt8], count: Int
    ) throws(CryptographyError) -> SecretBytes {
        try LibCrypto.prepare()
        guard (1...limit).contains(count), secret.count > 0 else {
            throw CryptographyError(
                .malformed, name, "\(count) bytes from \(secret.count); it gives 1 to \(limit) from at least one")
        }
        guard let keyLength = Int32(exactly: secret.count), let saltLength = Int32(exactly: salt.count),
            let infoLength = Int32(exactly: info.count)
        else { throw CryptographyError(.tooLarge, name, "an input is longer than \(Int32.max) bytes") }
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) else { throw LibCrypto.failure(name) }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_CTX_set_hkdf_mode(context, mode) == 1,
            EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1,
            salt.isEmpty || EVP_PKEY_CTX_set1_hkdf_salt(context, salt, saltLength) == 1,
            info.isEmpty || EVP_PKEY_CTX_add1_hkdf_info(context, info, infoLength) == 1,
            secret.withUnsafeBytes({ secret in
                let bytes = secret.baseAddress?.assumingMemoryBound(to: UInt8.self)
                return EVP_PKEY_CTX_set1_hkdf_key(context, bytes, keyLength) == 1
            })
        else { throw LibCrypto.failure(name) }
        return try SecretBytes(count: count) { (output) throws(CryptographyError) in
            var length = count
            guard EVP_PKEY_derive(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), &length) == 1,
                length == count
            else { throw LibCrypto.failure(name) }
        }
    }
}
