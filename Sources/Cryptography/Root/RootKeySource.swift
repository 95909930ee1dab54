/// Where the root key comes from.
public enum RootKeySource: Sendable {
    /// A file of 32 bytes that only its owner may read.
    case file(path: String)
    /// `salt` is stored by the caller: 16 random bytes, made once (`RandomBytes.bytes(Argon2id.saltLength)`).
    case passphrase(SecretBytes, salt: [UInt8])
    /// A variable that holds 64 hexadecimal digits, or 32 bytes in base64.
    case environment(name: String)

    /// The only source that is configured. Throws `keyMissing` and `keyAmbiguous`.
    public static func only(of sources: [RootKeySource]) throws(CryptographyError) -> RootKeySource {
        guard let source = sources.first else {
            throw CryptographyError(
                .keyMissing, "root key", "none is configured; name a key file, a passphrase or an environment variable")
        }
        guard sources.count == 1 else {
            let names = sources.map(\.description).joined(separator: ", ")
            throw CryptographyError(
                .keyAmbiguous, "root key", "\(sources.count) are configured (\(names)); leave exactly one")
        }
        return source
    }
}

extension RootKeySource: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path): "key file \(path)"
        case .passphrase: "passphrase"
        case .environment(let name): "environment variable \(name)"
        }
    }
}
