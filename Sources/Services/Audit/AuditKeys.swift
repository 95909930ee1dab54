internal import Cryptography
internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The keys that sign checkpoints: made once, sealed under the root key. Rows are insert only: a new root key seals the
/// keys in rows of their own, and of each key the newest row counts that opens. Whoever may insert can add rows, so one that
/// does not open is passed over, and told by a verification: it must not keep the log from being sealed and checked.
struct AuditKeys: Sendable {
    /// A row of `actions_audit_keys` that holds no key of the installation.
    struct Stray: Sendable {
        let id: Int64
        /// Continues `row 2 of actions_audit_keys`.
        let fault: String
    }

    /// The newest first; never empty.
    let keys: [(note: NoteKey, privateKey: Ed25519PrivateKey)]
    let strays: [Stray]

    var newest: (note: NoteKey, privateKey: Ed25519PrivateKey) { keys[0] }
    var notes: [NoteKey] { keys.map(\.note) }

    /// Those of the database; nil when there is none yet. The root key is proven to be the installation's. Throws
    /// ``CryptographyError``, ``StorageError``, and ``ServiceError`` `conflict` when there are rows, but none opens.
    init?(_ keyring: SecretKeyring, on db: isolated any StorageConnection) throws {
        let rows = try Self.rows(on: db)
        if rows.isEmpty { return nil }
        let (installation, root) = try keyring.proven(on: db)
        let name = Self.origin(installation)
        var (keys, strays): ([(note: NoteKey, privateKey: Ed25519PrivateKey)], [Stray]) = ([], [])
        for row in rows {
            let (id, bytes): (Int64, [UInt8]) = (try row["id"], try row["public_key"])
            // A former root key sealed it; what opens is newer.
            if keys.contains(where: { $0.note.key.bytes == bytes }) { continue }
            let sealed: [UInt8] = try row["sealed"]
            do {
                let publicKey = try Ed25519PublicKey(bytes)
                let key = try root.openSigningKey(sealed, of: publicKey, installID: installation)
                keys.append((try NoteKey(name: name, key: publicKey), key))
            } catch let error as CryptographyError
                where error.code == .malformed || error.code == .authenticationFailed
            {
                strays.append(Stray(id: id, fault: error.message))
            }
        }
        guard !keys.isEmpty else {
            let faults = strays.prefix(3).map { "row \($0.id): \($0.fault)" }.joined(separator: "; ")
            throw ServiceError(
                .conflict, "actions_audit_keys",
                "no row of it opens with the root key, so nothing is sealed (\(faults)); restore the row of the signing "
                    + "key from a backup, or remove what was put in; `plue audit verify --key KEY` checks what was sealed"
            )
        }
        (self.keys, self.strays) = (keys, strays)
    }

    /// The name of keys and the first line of checkpoints.
    static func origin(_ installation: String) -> String { "plue/audit/\(installation)" }

    /// The same of the database; nil while it belongs to no installation.
    static func origin(on db: isolated any StorageConnection) throws -> String? {
        let row = try db.first(Select("installation_id").from("actions_installation").where("id = 1"))
        return try row.map { row in origin(try row["installation_id"]) }
    }

    /// What checkpoints are checked with, the newest first, and the rows that hold no key: by the root key where it is at
    /// hand, else the public keys as they stand. No keys before anything was sealed. Throws as `init`.
    static func known(
        _ keyring: SecretKeyring?, on db: isolated any StorageConnection
    ) throws -> (notes: [NoteKey], strays: [Stray]) {
        guard let keyring else { return try unproven(on: db) }
        let keys = try AuditKeys(keyring, on: db)
        return (keys?.notes ?? [], keys?.strays ?? [])
    }

    /// The public keys as they stand, where there is no root key to prove them with.
    static func unproven(on db: isolated any StorageConnection) throws -> (notes: [NoteKey], strays: [Stray]) {
        guard let name = try origin(on: db) else { return ([], []) }
        var (notes, strays): ([NoteKey], [Stray]) = ([], [])
        for row in try rows(on: db) {
            let bytes: [UInt8] = try row["public_key"]
            do {
                let note = try NoteKey(name: name, key: try Ed25519PublicKey(bytes))
                if !notes.contains(note) { notes.append(note) }
            } catch let error as CryptographyError {
                strays.append(Stray(id: try row["id"], fault: error.message))
            }
        }
        return (notes, strays)
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

    /// The newest first.
    private static func rows(on db: isolated any StorageConnection) throws -> Rows {
        try db.run(Select("id", "public_key", "sealed").from("actions_audit_keys").orderBy("id DESC"))
    }
}
