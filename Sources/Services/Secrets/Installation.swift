internal import Cryptography
internal import Hashing
internal import QueryBuilder
internal import Storage

/// What belongs to this installation: the row that says which root key is the right one.
struct Installation: Sendable {
    /// 32 hexadecimal digits.
    let id: String
    let keyCheck: [UInt8]
    /// Of a passphrase.
    let salt: [UInt8]?

    /// Nil before the first secret and the first sealed row.
    static func stored(on db: isolated any StorageConnection) throws -> Installation? {
        guard let row = try db.first(query) else { return nil }
        guard let check: [UInt8] = try row["key_check"] else {
            throw StorageError(.missingRow, subject: "installation", "the installation has no key check value")
        }
        return Installation(id: try row["installation_id"], keyCheck: check, salt: try row["key_salt"])
    }

    /// Makes it, unless somebody else did meanwhile; one maker of keys at a time from here on. The root key is made
    /// first: nothing is written without it.
    static func make(_ origin: RootKeyOrigin, on db: isolated any StorageConnection) throws -> Installation {
        if try db.first(query) == nil {
            let salt = origin.isSalted ? try RandomBytes.bytes(Argon2id.saltLength) : nil
            try db.run(
                Insert("actions_installation").values([
                    "id": 1, "installation_id": SHA256.hex(try RandomBytes.bytes(16)),
                    "key_check": try origin.make(salt: salt).keyCheckValue, "key_salt": salt, "created_at": .now,
                ]).onConflict("id", .doNothing))
        }
        try db.lock(query)
        guard let stored = try stored(on: db) else {
            throw StorageError(.missingRow, subject: "installation", "the row of the installation is gone")
        }
        return stored
    }

    /// Held until the commit: by whoever changes keys.
    static func lock(on db: isolated any StorageConnection) throws { try db.lock(query) }

    /// Check values of the root keys that it had.
    static func formerChecks(on db: isolated any StorageConnection) throws -> [[UInt8]] {
        try db.run(Select("key_check").from("actions_former_root_keys")).map { try $0["key_check"] }
    }

    private static let query = Select("installation_id", "key_check", "key_salt").from("actions_installation")
        .where("id = 1")
}
