internal import Cryptography
internal import Model
internal import QueryBuilder
internal import Storage
internal import Synchronization

/// The keys of an installation. The root key is asked for when it is first needed; a key that was opened serves on, also
/// when the root key changed meanwhile.
public final class SecretKeyring: Sendable {
    /// Values that a key may have wrapped: random nonces of 96 bits stay apart that long (NIST SP 800-38D, 8.3, with
    /// room).
    static let wrapLimit: Int64 = 1 << 24

    private struct State {
        var root: RootKey?
        var origin: RootKeyOrigin
        var installation: String?
        var keys: [UInt32: KeyEncryptionKey] = [:]
    }

    private let state: Mutex<State>

    public init(_ origin: RootKeyOrigin) {
        state = Mutex(State(origin: origin))
    }

    /// The root key in a file, which is made when it is first needed.
    public static func file(_ path: String) -> SecretKeyring { SecretKeyring(.file(path)) }

    var origin: RootKeyOrigin { state.withLock { $0.origin } }

    /// From now on: the root key was replaced.
    func adopt(_ root: RootKey, from origin: RootKeyOrigin) {
        state.withLock { state in
            state.root = root
            state.origin = origin
        }
    }

    /// The root key, proven to be the installation's. One that is not any more is asked for again, as its file may have
    /// been replaced. Throws ``CryptographyError`` `wrong_key`, `key_missing`, `key_outdated` and others.
    func root(of installation: Installation, on db: isolated any StorageConnection) throws -> RootKey {
        let (known, origin) = state.withLock { ($0.root, $0.origin) }
        if let known, known.isKey(of: installation.keyCheck) { return known }
        let candidates = try origin.load(salt: installation.salt)
        if let root = candidates.first(where: { $0.isKey(of: installation.keyCheck) }) {
            state.withLock { $0.root = root }
            return root
        }
        let former = try Installation.formerChecks(on: db)
        for root in candidates { try root.verify(current: installation.keyCheck, former: former) }
        throw StorageError(.missingRow, subject: "root key", "there is none")
    }

    /// The installation, made with its first secret; the root key is proven before anything is written.
    func installation(on db: isolated any StorageConnection) throws -> (installation: Installation, root: RootKey) {
        let installation = try Installation.make(origin, on: db)
        return (installation, try root(of: installation, on: db))
    }

    /// The id of the installation and its root key; throws where there is none yet.
    func proven(on db: isolated any StorageConnection) throws -> (installation: String, root: RootKey) {
        guard let installation = try Installation.stored(on: db) else {
            throw StorageError(.missingRow, subject: "installation", "it has no keys yet")
        }
        return (installation.id, try root(of: installation, on: db))
    }

    /// The installation's id, its root key and its active key, to wrap `count` values with; all are made with the first
    /// secret. A rotation waits until the caller commits. Throws ``CryptographyError``, ``StorageError``, and
    /// ``ServiceError`` `limit` when the key has wrapped enough.
    func active(
        wrapping count: Int64 = 1, on db: isolated any StorageConnection
    ) throws -> (installation: String, root: RootKey, key: KeyEncryptionKey) {
        let (installation, root) = try installation(on: db)
        let counting = Update("actions_encryption_keys").set("wraps", sql: "wraps + \(count)")
            .where("state = 'active'").returning("term", "wrapped", "wraps")
        // A rotation that was waited for leaves another active key, which only a new statement sees.
        if let row = try db.first(counting) ?? db.first(counting) {
            let (term, wraps): (Int64, Int64) = (try row["term"], try row["wraps"])
            guard wraps <= Self.wrapLimit else {
                throw ServiceError(
                    .limit, "key of term \(term)",
                    "it has wrapped \(Self.wrapLimit) values, the most that one key may: run `plue key rotate`")
            }
            return (installation.id, root, try key(row, installation.id, root))
        }
        let made = try KeyEncryptionKey.generate(term: 1)
        try db.run(
            Insert("actions_encryption_keys").values([
                "term": Int64(made.term), "wrapped": try root.wrap(made, installID: installation.id),
                "state": "active", "wraps": count, "created_at": .now, "activated_at": .now,
            ]))
        try AuditLog.record(AuditEntry(.keyCreate, .key, Int64(made.term)), by: .system, on: db)
        return (installation.id, root, made)
    }

    /// The installation's id and the key of that term.
    func key(term: Int64, on db: isolated any StorageConnection) throws -> (installation: String, key: KeyEncryptionKey)
    {
        let known = state.withLock { ($0.installation, $0.keys[UInt32(truncatingIfNeeded: term)]) }
        if let installation = known.0, let key = known.1 { return (installation, key) }
        let (installation, root) = try proven(on: db)
        let row = try db.one(
            Select("term", "wrapped").from("actions_encryption_keys").where("term = \(term)"), "key of term \(term)")
        return (installation, try key(row, installation, root))
    }

    private func key(_ row: Row, _ installation: String, _ root: RootKey) throws -> KeyEncryptionKey {
        let number: Int64 = try row["term"]
        let term = UInt32(truncatingIfNeeded: number)
        if let known = state.withLock({ $0.keys[term] }) { return known }
        let key = try root.unwrap(try row["wrapped"], term: term, installID: installation)
        state.withLock { state in
            state.keys[term] = key
            state.installation = installation
        }
        return key
    }
}
