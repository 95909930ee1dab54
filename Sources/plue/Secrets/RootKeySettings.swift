internal import Cryptography
internal import Services
internal import Synchronization

/// The root key's place, as the environment names it.
enum RootKeySettings {
    private struct Found: Sendable {
        var rootKey: Result<RootKey, CryptographyError>?
        var passphrase: SecretBytes?
    }

    private static let found = Mutex(Found())

    /// Takes PLUE_ROOT_KEY and PLUE_PASSPHRASE out of the environment.
    static func take() {
        let isSet = Directories.variable("PLUE_ROOT_KEY") != nil
        let passphrase = SecretVariable.take("PLUE_PASSPHRASE")
        guard isSet || passphrase != nil else { return }
        let key = Result { () throws(CryptographyError) in try RootKey.load(.environment(name: "PLUE_ROOT_KEY")) }
        found.withLock { $0 = Found(rootKey: isSet ? key : nil, passphrase: passphrase) }
    }

    /// The only one that is named; nil when none is. Throws ``CryptographyError`` `key_ambiguous` and others.
    static func origin() throws -> RootKeyOrigin? {
        let found = found.withLock { $0 }
        var origins: [(name: String, make: () throws -> RootKeyOrigin)] = []
        if let path = Directories.variable("PLUE_KEY_FILE") {
            origins.append(("PLUE_KEY_FILE", { .file(Directories.absolute(path)) }))
        }
        if let key = found.rootKey { origins.append(("PLUE_ROOT_KEY", { .key(try key.get()) })) }
        if let passphrase = found.passphrase { origins.append(("PLUE_PASSPHRASE", { .passphrase(passphrase) })) }
        if let path = Directories.variable("PLUE_PASSPHRASE_FILE") {
            origins.append(("PLUE_PASSPHRASE_FILE", { .passphrase(try SecretInput.passphrase(ofFile: path)) }))
        }
        guard origins.count < 2 else {
            let names = origins.map(\.name).joined(separator: ", ")
            throw CryptographyError(
                .keyAmbiguous, "root key", "\(origins.count) are configured (\(names)); leave exactly one")
        }
        return try origins.first?.make()
    }

    static let hint =
        "it is missing: name it with PLUE_KEY_FILE, PLUE_ROOT_KEY, PLUE_PASSPHRASE or PLUE_PASSPHRASE_FILE"

    static var missing: CommandError {
        CommandError(ExitStatus.engine, "the root key of the stored secrets: \(hint)")
    }
}
