extension RootKey {
    private static let signingHeader = Array("PS1".utf8) + [SealedRecord.algorithm]

    /// The key that signs the audit log's checkpoints, as it is stored: 64 bytes, `"PS1" ‖ algorithm (1) ‖ nonce (12) ‖
    /// sealed seed (32 + 16)`.
    public func seal(_ key: Ed25519PrivateKey, installID: String) throws(CryptographyError) -> [UInt8] {
        let nonce = try RandomBytes.bytes(AESGCM.nonceLength)
        let binding = Self.signingBinding(installID, key.publicKey)
        return Self.signingHeader + nonce
            + (try AESGCM.seal(key.seed, key: signingSealKey, nonce: nonce, additionalData: binding))
    }

    /// What `seal` sealed. Throws `malformed`, and `authenticationFailed` when bytes, installation, public key or root are
    /// others.
    public func openSigningKey(
        _ sealed: [UInt8], of publicKey: Ed25519PublicKey, installID: String
    ) throws(CryptographyError) -> Ed25519PrivateKey {
        let start = Self.signingHeader.count + AESGCM.nonceLength
        let subject = "signing key of the audit log"
        guard sealed.count == start + Ed25519PrivateKey.seedLength + AESGCM.tagLength,
            sealed.starts(with: Self.signingHeader)
        else {
            throw CryptographyError(.malformed, subject, "its row is damaged; restore the database from a backup")
        }
        do {
            let seed = try AESGCM.open(
                Array(sealed[start...]), key: signingSealKey, nonce: Array(sealed[Self.signingHeader.count..<start]),
                additionalData: Self.signingBinding(installID, publicKey))
            return try Ed25519PrivateKey(seed: seed)
        } catch {
            guard error.code == .authenticationFailed else { throw error }
            throw CryptographyError(
                .authenticationFailed, subject, "it does not open: its row was changed or the root key is another")
        }
    }

    private static func signingBinding(_ installID: String, _ key: Ed25519PublicKey) -> [UInt8] {
        var data = AdditionalData(label: "plue/audit-sign/v1")
        data.append(installID)
        data.append(key.bytes)
        return data.bytes
    }
}
