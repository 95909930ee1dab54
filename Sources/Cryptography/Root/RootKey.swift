/// The key that the installation's others hang from, as the keys that HKDF-SHA-256 (RFC 5869) derives from it; the root
/// itself is let go of.
public struct RootKey: Sendable {
    public static let length = 32
    /// Differs for every root and tells nothing of it. Stored at the first start; `verify` compares it before any write.
    public let keyCheckValue: [UInt8]
    /// The key of the HMACs in the audit trail.
    public let auditKey: SecretBytes
    /// Seals the key that signs the audit log.
    let signingSealKey: SecretBytes
    private let wrappingKey: SecretBytes

    /// Throws `malformed` unless the root has 32 bytes.
    public init(_ root: SecretBytes) throws(CryptographyError) {
        guard root.count == Self.length else {
            throw CryptographyError(.malformed, "root key", "it has \(root.count) bytes instead of \(Self.length)")
        }
        wrappingKey = try Self.derive("plue/kek/v1", root)
        auditKey = try Self.derive("plue/audit-mac/v1", root)
        signingSealKey = try Self.derive("plue/audit-sign/v1", root)
        keyCheckValue = try Self.derive("plue/key-check/v1", root).withUnsafeBytes { Array($0) }
    }

    /// Reads the key; a passphrase takes a fraction of a second and 64 MiB. An environment variable is gone afterwards:
    /// to be called at start, before other threads read the environment.
    public static func load(_ source: RootKeySource) throws(CryptographyError) -> RootKey {
        switch source {
        case .file(let path): return try RootKey(try KeyFile(path: path).read())
        case .environment(let name): return try RootKey(try KeyVariable.take(name))
        case .passphrase(let passphrase, let salt):
            guard passphrase.count > 0 else {
                throw CryptographyError(.keyMissing, "passphrase", "it is empty; give the installation's passphrase")
            }
            guard salt.count == Argon2id.saltLength else {
                throw CryptographyError(
                    .malformed, "passphrase", "its salt has \(salt.count) bytes instead of \(Argon2id.saltLength)")
            }
            return try RootKey(try Argon2id.derive(from: passphrase, salt: salt, parameters: .recommended))
        }
    }

    /// Makes a random key in a new file that only its owner may read. The file is there with all its bytes or not at
    /// all. Throws `keyFileExists` and leaves what is there as it is.
    public static func createFile(_ path: String) throws(CryptographyError) {
        try KeyFile(path: path).create(try RandomBytes.secret(length))
    }

    /// Puts the key file `next` in the place of that at `path`, which is kept under the name that `former` gives it. Nothing
    /// is lost at any moment: interrupted, it can be called again. Returns the name; nil when `next` was moved already.
    public static func replaceFile(
        _ path: String, with next: String, former: (RootKey) -> String
    ) throws(CryptographyError) -> String? {
        guard try KeyFile(path: next).exists() else { return nil }
        let name = former(try load(.file(path: path)))
        try KeyFile(path: next).replace(KeyFile(path: path), keptAs: name)
        return name
    }

    /// Whether `check` was stored for this key.
    public func isKey(of check: [UInt8]) -> Bool { ConstantTime.areEqual(keyCheckValue, check) }

    /// Throws `wrongKey` unless this is the key that `current` was stored for; `keyOutdated` when it is one of `former`,
    /// the check values from before each `rekey`.
    public func verify(current: [UInt8], former: [[UInt8]] = []) throws(CryptographyError) {
        if isKey(of: current) { return }
        if former.contains(where: isKey) {
            throw CryptographyError(
                .keyOutdated, "root key", "it was replaced by `rekey`; start with the key that was set then")
        }
        throw CryptographyError(
            .wrongKey, "root key", "it is not this installation's; start with the key that its database was set up with"
        )
    }

    /// 64 bytes to store beside the term: `"PK1" ‖ algorithm (1) ‖ nonce (12) ‖ wrapped key (32 + 16)`.
    public func wrap(_ key: KeyEncryptionKey, installID: String) throws(CryptographyError) -> [UInt8] {
        let nonce = try RandomBytes.bytes(AESGCM.nonceLength)
        let binding = Self.binding(installID, key.term)
        return Self.header + nonce
            + (try AESGCM.seal(key.key, key: wrappingKey, nonce: nonce, additionalData: binding))
    }

    /// The key that `wrap` wrapped. Throws `malformed`, and `authenticationFailed` when bytes, installation, term or
    /// root are others.
    public func unwrap(
        _ wrapped: [UInt8], term: UInt32, installID: String
    ) throws(CryptographyError) -> KeyEncryptionKey {
        let start = Self.header.count + AESGCM.nonceLength
        guard wrapped.count == start + AESGCM.keyLength + AESGCM.tagLength, wrapped.starts(with: Self.header) else {
            throw CryptographyError(
                .malformed, "key of term \(term)", "its row is damaged; restore the database from a backup")
        }
        do {
            let key = try AESGCM.open(
                Array(wrapped[start...]), key: wrappingKey, nonce: Array(wrapped[Self.header.count..<start]),
                additionalData: Self.binding(installID, term))
            return try KeyEncryptionKey(term: term, key: key)
        } catch {
            guard error.code == .authenticationFailed else { throw error }
            throw CryptographyError(
                .authenticationFailed, "key of term \(term)",
                "it does not unwrap: its row was changed or the root key is another; restore the database from a backup"
            )
        }
    }

    private static let header = Array("PK1".utf8) + [SealedRecord.algorithm]

    private static func derive(_ label: String, _ root: SecretBytes) throws(CryptographyError) -> SecretBytes {
        try HKDF.derive(from: root, info: Array(label.utf8), count: length)
    }

    private static func binding(_ installID: String, _ term: UInt32) -> [UInt8] {
        var data = AdditionalData(label: "plue/kek-wrap/v1")
        data.append(installID)
        data.append(term)
        return data.bytes
    }
}

extension RootKey: CustomStringConvertible {
    public var description: String { "RootKey" }
}
