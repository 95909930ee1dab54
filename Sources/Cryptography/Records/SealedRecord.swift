/// A sealed value as it is stored:
/// `"PL1" ‖ algorithm (1) ‖ term (4, big endian) ‖ wrap nonce (12) ‖ wrapped key (32 + 16) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`.
///
/// The ciphertext's length is not in it, so that a cut or a longer one is found by its tag, unless the whole is shorter
/// than `minimumLength` or longer than `maximumLength`.
public struct SealedRecord: Sendable, Hashable {
    /// AES-256-GCM for the value and for its key.
    public static let algorithm: UInt8 = 1
    /// The longest value: 48 KiB.
    public static let maximumPlaintext = 48 * 1024
    /// A record of an empty value.
    public static let minimumLength = magic.count + 5 + wrappingLength + AESGCM.nonceLength + AESGCM.tagLength
    public static let maximumLength = minimumLength + maximumPlaintext

    static let magic = Array("PL1".utf8)
    private static let wrappedLength = AESGCM.keyLength + AESGCM.tagLength
    private static let wrappingLength = AESGCM.nonceLength + wrappedLength

    /// Of the key-encryption key.
    public var term: UInt32
    var wrapNonce: [UInt8]
    /// The data key's ciphertext and tag.
    var wrappedKey: [UInt8]
    var nonce: [UInt8]
    /// The value's ciphertext and tag.
    var sealed: [UInt8]

    init(term: UInt32, wrapNonce: [UInt8], wrappedKey: [UInt8], nonce: [UInt8], sealed: [UInt8]) {
        self.term = term
        self.wrapNonce = wrapNonce
        self.wrappedKey = wrappedKey
        self.nonce = nonce
        self.sealed = sealed
    }

    /// Reads a record; throws `malformed`. Nothing in it is authenticated yet.
    public init(decoding bytes: [UInt8]) throws(CryptographyError) {
        guard bytes.count >= Self.minimumLength else {
            throw Self.malformed("\(bytes.count) bytes are too few, it was cut short")
        }
        guard bytes.count <= Self.maximumLength else {
            throw Self.malformed("\(bytes.count) bytes are more than any record has")
        }
        var rest = bytes[...]
        func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        guard take(Self.magic.count) == Self.magic else { throw Self.malformed("it does not begin with PL1") }
        let algorithm = take(1)
        guard algorithm == [Self.algorithm] else {
            throw Self.malformed("algorithm \(algorithm.first ?? 0) is unknown, a newer plue may have written it")
        }
        term = BigEndian.integer(take(4))
        wrapNonce = take(AESGCM.nonceLength)
        wrappedKey = take(Self.wrappedLength)
        nonce = take(AESGCM.nonceLength)
        sealed = Array(rest)
    }

    public var encoded: [UInt8] {
        Self.magic + [Self.algorithm] + BigEndian.bytes(term) + wrapNonce + wrappedKey + nonce + sealed
    }

    private static func malformed(_ reason: String) -> CryptographyError {
        CryptographyError(
            .malformed, "sealed record", "\(reason); restore the row from a backup or set the secret again")
    }
}
