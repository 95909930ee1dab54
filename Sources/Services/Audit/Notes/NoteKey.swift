public import Cryptography
internal import Hashing

/// A public key that notes are checked with (C2SP signed-note): its name and an Ed25519 key. As text
/// `NAME+KEYID+BASE64`, the form of Go's sumdb and of C2SP's `vkey`.
public struct NoteKey: Sendable, Hashable {
    /// Ed25519 in C2SP's list of signature types.
    private static let algorithm: UInt8 = 1

    /// Without blanks and plus signs.
    public let name: String
    public let key: Ed25519PublicKey

    /// Throws ``ServiceError`` `invalid_input` for the name.
    public init(name: String, key: Ed25519PublicKey) throws(ServiceError) {
        guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || $0 == "+" }) else {
            throw ServiceError(.invalidInput, "key name '\(name)'", "it must have no blank and no +")
        }
        self.name = name
        self.key = key
    }

    /// Throws ``ServiceError`` `invalid_input` unless the text is one that `description` gives.
    public init(_ text: String) throws(ServiceError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64.decode(String(parts[2])), bytes.first == Self.algorithm,
            let key = try? Ed25519PublicKey(Array(bytes.dropFirst()))
        else {
            throw ServiceError(
                .invalidInput, "the key", "expected NAME+KEYID+BASE64 of an Ed25519 key, as `plue audit key` prints it")
        }
        try self.init(name: String(parts[0]), key: key)
        guard SHA256.hex(id) == parts[1] else {
            throw ServiceError(.invalidInput, "key \(name)", "its id is not that of its bytes: it was damaged")
        }
    }

    /// The first 4 bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)`.
    public var id: [UInt8] {
        var hash = SHA256()
        (Array(name.utf8) + [0x0A, Self.algorithm] + key.bytes).withUnsafeBytes { hash.update($0) }
        return Array(hash.finalize().prefix(4))
    }
}

extension NoteKey: CustomStringConvertible {
    public var description: String {
        "\(name)+\(SHA256.hex(id))+\(Base64.encode([Self.algorithm] + key.bytes))"
    }
}
