internal import Cryptography
internal import Hashing
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension KeyService {
    /// Replaces the root key: the keys of terms and of the audit log are wrapped by the new one, in one transaction; values
    /// are not touched. `origin` names the new key's place, which must hold another key than now; nil makes a new key file
    /// in place of the present one, which is kept beside it under the name that is returned, for backups that were made
    /// before. A call that was interrupted is finished by the next.
    ///
    /// Servers that run serve what they opened; those with the same key file find the new key by themselves, others are to
    /// be started with the new key. Throws ``CryptographyError``, and ``ServiceError`` `not_found` where there is no key yet,
    /// `invalid_input` and `conflict`.
    public func rekey(to origin: RootKeyOrigin? = nil, by principal: Principal) async throws -> String? {
        try await services.access.check(.keyUpdate, .installation, by: principal)
        try await checkBegun()
        // Before a new key is made.
        try await check()
        guard origin == nil else {
            try await replace(by: origin ?? keyring.origin, principal)
            return nil
        }
        guard case .file(let path) = keyring.origin else {
            throw ServiceError(
                .invalidInput, "root key", "it is in no file that could be replaced: name the new key's place")
        }
        let next = RootKeyOrigin.next(path)
        try await replace(by: .file(next), resuming: true, principal)
        // From here on the installation's key is in the second file.
        let former = try RootKey.replaceFile(path, with: next) { root in
            "\(path).former-\(SHA256.hex(root.keyCheckValue).prefix(8))"
        }
        keyring.adopt(try RootKey.load(.file(path: path)), from: .file(path))
        return former
    }

    /// - Parameter resuming: the installation may have that key already.
    private func replace(
        by origin: RootKeyOrigin, resuming: Bool = false, _ principal: Principal
    ) async throws {
        let keyring = keyring
        let salt = origin.isSalted ? try RandomBytes.bytes(Argon2id.saltLength) : nil
        let new = try origin.make(salt: salt)
        try await services.transaction { db, _ in
            try Installation.lock(on: db)
            guard let installation = try Installation.stored(on: db) else { return }
            if new.isKey(of: installation.keyCheck) {
                if resuming { return }
                throw ServiceError(.conflict, "root key", "it is the installation's already")
            }
            // One that others may have kept would open what is stored from now on.
            guard try !Installation.formerChecks(on: db).contains(where: new.isKey) else {
                throw ServiceError(.conflict, "root key", "it was the installation's before; give a new one")
            }
            let old = try keyring.root(of: installation, on: db)
            for row in try db.run(Select("term", "wrapped").from("actions_encryption_keys")) {
                let term: Int64 = try row["term"]
                let key = try old.unwrap(
                    try row["wrapped"], term: UInt32(truncatingIfNeeded: term), installID: installation.id)
                try db.run(
                    Update("actions_encryption_keys").set("wrapped", try new.wrap(key, installID: installation.id))
                        .where("term = \(term)"))
            }
            try AuditKeys(keyring, on: db)?.reseal(new, installation: installation.id, on: db)
            try db.run(
                Insert("actions_former_root_keys").values(["key_check": installation.keyCheck, "replaced_at": .now]))
            try db.run(
                Update("actions_installation").set("key_check", new.keyCheckValue).set("key_salt", salt)
                    .where("id = 1"))
            try AuditLog.record(
                AuditEntry(
                    .keyRekey, .key, 0, before: [("root_key", .string(keyring.origin.kind))],
                    after: [("root_key", .string(origin.kind))]), by: principal, on: db)
        }
        keyring.adopt(new, from: origin)
    }
}
