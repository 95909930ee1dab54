/// The key of one term, which wraps the data keys of values. Each value is sealed by a data key of its own, made for
/// that one use.
public struct KeyEncryptionKey: Sendable {
    public let term: UInt32
    let key: SecretBytes

    /// Throws `malformed` unless the key has 32 bytes.
    public init(term: UInt32, key: SecretBytes) throws(CryptographyError) {
        guard key.count == AESGCM.keyLength else {
            throw CryptographyError(.malformed, "key of term \(term)", "it has \(key.count) bytes instead of 32")
        }
        self.term = term
        self.key = key
    }

    public static func generate(term: UInt32) throws(CryptographyError) -> KeyEncryptionKey {
        try KeyEncryptionKey(term: term, key: try RandomBytes.secret(AESGCM.keyLength))
    }

    /// An encoded `SealedRecord`. Throws `tooLarge` above `SealedRecord.maximumPlaintext`.
    public func seal(
        _ plaintext: SecretBytes, at address: SecretAddress
    ) throws(CryptographyError) -> [UInt8] {
        guard plaintext.count <= SealedRecord.maximumPlaintext else {
            throw CryptographyError(
                .tooLarge, "\(address)",
                "the value has \(plaintext.count) bytes, at most \(SealedRecord.maximumPlaintext) are stored")
        }
        let dataKey = try RandomBytes.secret(AESGCM.keyLength)
        let nonce = try RandomBytes.bytes(AESGCM.nonceLength)
        let sealed = try AESGCM.seal(plaintext, key: dataKey, nonce: nonce, additionalData: address.dataBinding)
        let (wrapNonce, wrappedKey) = try wrap(dataKey, at: address)
        return SealedRecord(term: term, wrapNonce: wrapNonce, wrappedKey: wrappedKey, nonce: nonce, sealed: sealed)
            .encoded
    }

    /// The value of a record that was sealed or re-wrapped by this key at this address. Throws `malformed`,
    /// `keyMissing` when the record's term is another, and `authenticationFailed`.
    public func open(_ record: [UInt8], at address: SecretAddress) throws(CryptographyError) -> SecretBytes {
        let record = try Self.decoded(record, at: address)
        let dataKey = try unwrap(record, at: address)
        do {
            return try AESGCM.open(
                record.sealed, key: dataKey, nonce: record.nonce, additionalData: address.dataBinding)
        } catch {
            throw Self.explain(error, address, "the value does not open")
        }
    }

    /// The record with its data key wrapped by this key instead of `former`; the value's bytes stay as they are.
    /// Throws as `open`, of which it checks all but the value itself.
    public func rewrap(
        _ record: [UInt8], at address: SecretAddress, from former: KeyEncryptionKey
    ) throws(CryptographyError) -> [UInt8] {
        var record = try Self.decoded(record, at: address)
        let dataKey = try former.unwrap(record, at: address)
        (record.wrapNonce, record.wrappedKey) = try wrap(dataKey, at: address)
        record.term = term
        return record.encoded
    }

    private static func decoded(_ record: [UInt8], at address: SecretAddress) throws(CryptographyError) -> SealedRecord
    {
        do {
            return try SealedRecord(decoding: record)
        } catch {
            throw CryptographyError(error.code, "\(address)", error.message)
        }
    }

    private func wrap(
        _ dataKey: SecretBytes, at address: SecretAddress
    ) throws(CryptographyError) -> (nonce: [UInt8], wrapped: [UInt8]) {
        let nonce = try RandomBytes.bytes(AESGCM.nonceLength)
        let binding = address.keyBinding(term: term)
        return (nonce, try AESGCM.seal(dataKey, key: key, nonce: nonce, additionalData: binding))
    }

    private func unwrap(_ record: SealedRecord, at address: SecretAddress) throws(CryptographyError) -> SecretBytes {
        guard record.term == term else {
            throw CryptographyError(
                .keyMissing, "\(address)",
                "its record is of key term \(record.term), the key at hand of term \(term); use that term's key")
        }
        do {
            return try AESGCM.open(
                record.wrappedKey, key: key, nonce: record.wrapNonce, additionalData: address.keyBinding(term: term))
        } catch {
            throw Self.explain(error, address, "its data key does not unwrap with the key of term \(term)")
        }
    }

    private static func explain(
        _ error: CryptographyError, _ address: SecretAddress, _ what: String
    ) -> CryptographyError {
        guard error.code == .authenticationFailed else { return error }
        return CryptographyError(
            .authenticationFailed, "\(address)",
            "\(what): the row was changed or came from another place; restore it from a backup or set the secret again")
    }
}

extension KeyEncryptionKey: CustomStringConvertible {
    public var description: String { "KeyEncryptionKey(term: \(term))" }
}
