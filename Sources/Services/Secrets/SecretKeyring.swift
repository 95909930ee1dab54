public import Cryptography
internal import Model
internal import QueryBuilder
internal import Storage
internal import Synchronization

/// The keys of an installation. The root key is asked for when it is first needed.
public final class SecretKeyring: Sendable {
    private struct State {
        var root: RootKey?
        var keys: [UInt32: KeyEncryptionKey] = [:]
    }

    private let load: @Sendable (_ creating: Bool) throws -> RootKey
    private let state = Mutex(State())

    /// `load` gives the root key; with `creating` it may make one where there is none yet.
    public init(_ load: @escaping @Sendable (_ creating: Bool) throws -> RootKey) {
        self.load = load
    }

    /// The root key in a file, which `creating` makes.
    public static func file(_ path: String) -> SecretKeyring {
        SecretKeyring { creating in
            do throws(CryptographyError) {
                return try RootKey.load(.file(path: path))
            } catch {
                guard creating, error.code == .keyMissing else { throw error }
                try RootKey.createFile(path)
                return try RootKey.load(.file(path: path))
            }
        }
    }

    func root(creating: Bool) throws -> RootKey {
        if let root = state.withLock({ $0.root }) { return root }
        let root = try load(creating)
        state.withLock { $0.root = root }
        return root
    }

    /// The installation's id and its active key; both are made with the first secret. The root key is proven before
    /// anything is written. Throws ``CryptographyError`` and ``StorageError``.
    func active(on db: isolated any StorageConnection) throws -> (installation: String, key: KeyEncryptionKey) {
        let installation = try installation(creating: true, on: db)
        let row = try db.first(
            Select("term", "wrapped").from("actions_encryption_keys").where("state = 'active'"))
        if let row { return (installation, try key(row, installation)) }
        let root = try root(creating: true)
        let made = try KeyEncryptionKey.generate(term: 1)
        try db.run(
            Insert("actions_encryption_keys").values([
                "term": Int64(made.term), "wrapped": try root.wrap(made, installID: installation), "state": "active",
                "created_at": .now, "activated_at": .now,
            ]))
        try AuditLog.record(AuditEntry(.keyCreate, .key, Int64(made.term)), by: .system, on: db)
        return (installation, made)
    }

    /// The key of that term.
    func key(term: Int64, on db: isolated any StorageConnection) throws -> (installation: String, key: KeyEncryptionKey)
    {
        let installation = try installation(creating: false, on: db)
        let row = try db.one(
            Select("term", "wrapped").from("actions_encryption_keys").where("term = \(term)"), "key of term \(term)")
        return (installation, try key(row, installation))
    }

    private func key(_ row: Row, _ installation: String) throws -> KeyEncryptionKey {
        let number: Int64 = try row["term"]
        let term = UInt32(truncatingIfNeeded: number)
        if let known = state.withLock({ $0.keys[term] }) { return known }
        let key = try root(creating: false).unwrap(try row["wrapped"], term: term, installID: installation)
        state.withLock { $0.keys[term] = key }
        return key
    }

    /// The id of the installation, whose key check says whether the root key is the right one.
    func installation(creating: Bool, on db: isolated any StorageConnection) throws -> String {
        let stored = Select("installation_id", "key_check").from("actions_installation").where("id = 1")
        if creating, try db.first(stored) == nil {
            let root = try root(creating: true)
            let id = try RandomBytes.bytes(16).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
            try db.run(
                Insert("actions_installation").values([
                    "id": 1, "installation_id": id, "key_check": root.keyCheckValue, "created_at": .now,
                ]).onConflict("id", .doNothing))
        }
        // One maker of the first key at a time.
        if creating { try db.lock(stored) }
        let row = try db.one(stored, "installation")
        guard let check: [UInt8] = try row["key_check"] else {
            throw StorageError(.missingRow, subject: "installation", "the installation has no key check value")
        }
        try root(creating: false).verify(current: check)
        return try row["installation_id"]
    }
}
