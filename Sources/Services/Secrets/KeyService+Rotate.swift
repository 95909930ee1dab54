internal import Cryptography
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension KeyService {
    private struct Wrapped: Sendable {
        var secret: Int64
        var version: Int64
        var term: Int64
        var address: SecretAddress
        var record: [UInt8]
    }

    /// Makes a key of a new term and wraps the data keys of all values with it; the values themselves stay as they are.
    /// Readers and writers go on meanwhile. One that was interrupted is finished, and no other key made. `progress` is told
    /// how many values are wrapped so far. Throws ``CryptographyError`` and ``ServiceError``.
    public func rotate(
        by principal: Principal, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> KeyRotation {
        try await services.access.check(.keyUpdate, .installation, by: principal)
        try await checkBegun()
        var rotation = try await begin(by: principal)
        while true {
            let waiting = try await waiting(below: rotation.term)
            if waiting.isEmpty { break }
            guard let wrapped = try await wrap(waiting) else {
                // Somebody else began a rotation: there is a newer key.
                rotation.term = try await activeTerm()
                continue
            }
            rotation.values += wrapped
            progress(rotation.values)
        }
        rotation.retired = try await retire(by: principal)
        return rotation
    }

    /// The term to wrap with: a new one, but where values of older ones are left.
    private func begin(by principal: Principal) async throws -> KeyRotation {
        let keyring = keyring
        return try await services.transaction { db, _ in
            // Whoever stores a value has counted it on the active key's row, which is locked here.
            let (installation, root, active) = try keyring.active(wrapping: 0, on: db)
            let rest = try db.first(
                Select("1 AS one").from("actions_secret_versions").where("key_term <> \(Int64(active.term))").limit(1))
            if rest != nil { return KeyRotation(term: Int64(active.term), isResumed: true) }
            let newest: Int64 = try db.one(Select("max(term) AS term").from("actions_encryption_keys"))["term"]
            guard let term = UInt32(exactly: newest + 1) else {
                throw ServiceError(.limit, "keys", "there is no term after \(newest)")
            }
            let made = try KeyEncryptionKey.generate(term: term)
            try db.run(Update("actions_encryption_keys").set("state", "readable").where("state = 'active'"))
            try db.run(
                Insert("actions_encryption_keys").values([
                    "term": Int64(term), "wrapped": try root.wrap(made, installID: installation), "state": "active",
                    "created_at": .now, "activated_at": .now,
                ]))
            try AuditLog.record(
                AuditEntry(
                    .keyRotate, .key, Int64(term), before: [("term", .number(Double(active.term)))],
                    after: [("term", .number(Double(term)))]), by: principal, on: db)
            return KeyRotation(term: Int64(term), isResumed: false)
        }
    }

    private func activeTerm() async throws -> Int64 {
        try await services.backend.read { db in
            try db.one(Select("term").from("actions_encryption_keys").where("state = 'active'"), "active key")["term"]
        }
    }

    private func waiting(below term: Int64) async throws -> [Wrapped] {
        let keyring = keyring
        return try await services.backend.read { db in
            let (installation, _) = try keyring.proven(on: db)
            let rows = try db.run(
                Select(
                    "s.repository_id", "s.organization_id", "s.environment", "s.name", "v.secret_id", "v.version",
                    "v.key_term", "v.record"
                )
                .from("actions_secret_versions AS v").join("actions_secrets AS s", on: "s.id = v.secret_id")
                .where("v.key_term < \(term)").orderBy("v.key_term, v.secret_id").limit(Self.batch))
            return try rows.map { row in
                let version: Int64 = try row["version"]
                return Wrapped(
                    secret: try row["secret_id"], version: version, term: try row["key_term"],
                    address: try SecretOwner(row).address(
                        try row["name"], version: version, installation: installation),
                    record: try row["record"])
            }
        }
    }

    /// Wraps them with the active key, where they are still as they were read. Nil when a value is of a newer key than the
    /// active one was when it was read.
    private func wrap(_ waiting: [Wrapped]) async throws -> Int? {
        let keyring = keyring
        return try await services.transaction { db, _ -> Int? in
            let (_, _, active) = try keyring.active(wrapping: Int64(waiting.count), on: db)
            let term = Int64(active.term)
            guard waiting.allSatisfy({ $0.term < term }) else { return nil }
            var count = 0
            for value in waiting {
                let former = try keyring.key(term: value.term, on: db).key
                let record = try active.rewrap(value.record, at: value.address, from: former)
                let row = try db.first(
                    Update("actions_secret_versions").set("record", record).set("key_term", term)
                        .where("secret_id = \(value.secret)").and("version = \(value.version)")
                        .and("key_term = \(value.term)").returning("secret_id"))
                if row != nil { count += 1 }
            }
            return count
        }
    }

    /// Takes keys out of use that no value is of.
    private func retire(by principal: Principal) async throws -> [Int64] {
        let keyring = keyring
        return try await services.transaction { db, _ in
            _ = try keyring.active(wrapping: 0, on: db)
            let values = Select("v.secret_id").from("actions_secret_versions AS v")
                .where("v.key_term = actions_encryption_keys.term")
            let rows = try db.run(
                Update("actions_encryption_keys").set("state", "retired").set("retired_at", .now)
                    .where("state = 'readable'").and("NOT EXISTS \(values)").returning("term"))
            let terms: [Int64] = try rows.map { try $0["term"] }.sorted()
            for term in terms {
                try AuditLog.record(AuditEntry(.keyRetire, .key, term), by: principal, on: db)
            }
            return terms
        }
    }
}
