internal import Cryptography
internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The keys that sign checkpoints: made once, sealed under the root key. Rows are insert only: a new root key seals the
/// keys in rows of their own, and of each key the newest row counts.
struct AuditKeys: Sendable {
    /// The newest first; never empty.
    let keys: [(note: NoteKey, privateKey: Ed25519PrivateKey)]

    var newest: (note: NoteKey, privateKey: Ed25519PrivateKey) { keys[0] }
    var notes: [NoteKey] { keys.map(\.note) }

    /// Those of the database; nil when there is none yet. The root key is proven to be the installation's. Throws
    /// ``CryptographyError``, ``StorageError``.
    init?(_ keyring: SecretKeyring, on db: isolated any StorageConnection) throws {
        let rows = try Self.rows(on: db)
        if rows.isEmpty { return nil }
        let (installation, root) = try keyring.proven(on: db)
        let name = Self.origin(installation)
        keys = try rows.map { row in
            let publicKey = try Ed25519PublicKey(try row["public_key"])
            let key = try root.openSigningKey(try row["sealed"], of: publicKey, installID: installation)
            return (try NoteKey(name: name, key: publicKey), key)
        }
    }

    /// The name of keys and the first line of checkpoints.
    static func origin(_ installation: String) -> String { "plue/audit/\(installation)" }

    /// The same of the database; nil while it belongs to no installation.
    static func origin(on db: isolated any StorageConnection) throws -> String? {
        let row = try db.first(Select("installation_id").from("actions_installation").where("id = 1"))
        return try row.map { row in origin(try row["installation_id"]) }
    }

    /// The public keys as they stand, where there is no root key to prove them with.
    static func unproven(on db: isolated any StorageConnection) throws -> [NoteKey] {
        guard let name = try origin(on: db) else { return [] }
        return try rows(on: db).map { row in
            try NoteKey(name: name, key: try Ed25519PublicKey(try row["public_key"]))
        }
    }

    /// Makes the first key, which is told to the log. One maker at a time.
    static func make(_ keyring: SecretKeyring, on db: isolated any StorageConnection) throws {
        let (installation, root) = try keyring.installation(on: db)
        let key = try Ed25519PrivateKey.generate()
        let note = try NoteKey(name: origin(installation.id), key: key.publicKey)
        let id = try db.insert(
            Insert("actions_audit_keys").values([
                "public_key": key.publicKey.bytes,
                "sealed": try root.seal(key, installID: installation.id), "created_at": .now,
            ]))
        try AuditLog.record(
            AuditEntry(.keyCreate, .key, id, after: [("audit_key", .string(note.description))]), by: .system, on: db)
    }

    /// Seals the keys under a new root key.
    func reseal(_ root: RootKey, installation: String, on db: isolated any StorageConnection) throws {
        // The oldest first, so that the newest stays the newest.
        for (note, key) in keys.reversed() {
            try db.run(
                Insert("actions_audit_keys").values([
                    "public_key": note.key.bytes, "sealed": try root.seal(key, installID: installation),
                    "created_at": .now,
                ]))
        }
    }

    /// The newest row of each key, the newest key first.
    private static func rows(on db: isolated any StorageConnection) throws -> [Row] {
        var known: Set<[UInt8]> = []
        let stored = Select("public_key", "sealed").from("actions_audit_keys").orderBy("id DESC")
        return try db.run(stored).filter { known.insert(try $0["public_key"]).inserted }
    }
}
