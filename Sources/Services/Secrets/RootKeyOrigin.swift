public import Cryptography

/// Where the root key of an installation is kept.
public enum RootKeyOrigin: Sendable {
    /// A file of 32 bytes, made when it is first needed. A file of that name with `.next` is of a change of the root key
    /// (``KeyService/rekey(to:by:)``) that was interrupted: whichever is the installation's is used.
    case file(String)
    /// One that is at hand: of an environment variable, say.
    case key(RootKey)
    /// Stretched by Argon2id with the salt that the installation stores.
    case passphrase(SecretBytes)
    /// Nobody named one: what is said where it is needed.
    case absent(String)

    /// Of a new passphrase, bytes: whoever has the database tries them without end.
    private static let leastPassphrase = 12

    /// For the audit log.
    var kind: String {
        switch self {
        case .file: "file"
        case .key: "variable"
        case .passphrase: "passphrase"
        case .absent: "none"
        }
    }

    static func next(_ path: String) -> String { "\(path).next" }

    /// Whether it goes with a stored salt.
    var isSalted: Bool {
        if case .passphrase = self { true } else { false }
    }

    /// The keys that it may be; never empty. Throws ``CryptographyError`` `key_missing` and others.
    func load(salt: [UInt8]?) throws(CryptographyError) -> [RootKey] {
        switch self {
        case .key(let key): return [key]
        case .absent(let message): throw CryptographyError(.keyMissing, "root key", message)
        case .passphrase(let passphrase):
            guard let salt else {
                throw CryptographyError(
                    .wrongKey, "passphrase", "this installation's root key is no passphrase; start with its key")
            }
            return [try RootKey.load(.passphrase(passphrase, salt: salt))]
        case .file(let path):
            var keys: [RootKey] = []
            var missing: CryptographyError?
            for path in [path, Self.next(path)] {
                do {
                    keys.append(try RootKey.load(.file(path: path)))
                } catch {
                    guard error.code == .keyMissing else { throw error }
                    missing = missing ?? error
                }
            }
            if keys.isEmpty, let missing { throw missing }
            return keys
        }
    }

    /// The key of an installation that begins, or of one whose root key changes: a file is made.
    func make(salt: [UInt8]?) throws(CryptographyError) -> RootKey {
        if case .passphrase(let passphrase) = self, passphrase.count < Self.leastPassphrase {
            throw CryptographyError(
                .malformed, "passphrase",
                "it has \(passphrase.count) bytes; give at least \(Self.leastPassphrase), four random words say")
        }
        guard case .file(let path) = self else { return try load(salt: salt)[0] }
        do {
            return try RootKey.load(.file(path: path))
        } catch {
            guard error.code == .keyMissing else { throw error }
        }
        do {
            try RootKey.createFile(path)
        } catch {
            // Somebody else was first.
            guard error.code == .keyFileExists else { throw error }
        }
        return try RootKey.load(.file(path: path))
    }
}
