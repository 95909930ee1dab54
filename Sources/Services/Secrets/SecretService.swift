public import Cryptography
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Secrets: sealed records under the installation's keys. Their values leave only by ``values(for:by:)``, to the runner
/// that holds the job.
public struct SecretService: Sendable {
    let services: Services
    let keyring: SecretKeyring

    /// Stores a value under a name, in place of the one it had. Returns false when the value is too short to be masked.
    /// Throws ``ServiceError`` `forbidden`, `invalid` or `limit`, and ``CryptographyError``.
    @discardableResult
    public func set(
        _ name: String, _ value: SecretBytes, of owner: SecretOwner, visibility: SecretVisibility = .private,
        by principal: Principal
    ) async throws -> Bool {
        try await services.access.check(.secretUpdate, AccessTarget(owner), by: principal)
        let name = try Self.checked(name)
        guard value.count <= SealedRecord.maximumPlaintext else {
            throw ServiceError(.limit, "secret \(name)", "a value is at most 48 KB; this one has \(value.count) bytes")
        }
        let keyring = keyring
        try await services.transaction { db, _ in
            let (installation, key) = try keyring.active(on: db)
            let row = try db.one(Self.upsert(name, owner, visibility), "secret \(name)")
            let (id, version): (Int64, Int64) = (try row["id"], try row["current_version"])
            if version == 1 { try Self.checkLimit(owner, on: db) }
            let address = owner.address(name, version: version, installation: installation)
            try db.run(
                Insert("actions_secret_versions").values([
                    "secret_id": id, "version": version, "key_term": Int64(key.term),
                    "record": try key.seal(value, at: address), "created_at": .now,
                ]))
            // What was replaced is of no use to anyone but a thief.
            try db.run(
                Delete("actions_secret_versions").where("secret_id = \(id)").and("version < \(version)"))
            let digest = try value.withUnsafeBytes { bytes in
                try HMACSHA256.authenticationCode(of: Array(bytes), key: try keyring.root(creating: false).auditKey)
            }
            try AuditLog.record(
                AuditEntry(
                    version == 1 ? .secretCreate : .secretUpdate, .secret, id, repository: owner.repositoryID,
                    organization: owner.organizationID,
                    after: [
                        ("name", .string(name)), ("version", .number(Double(version))),
                        ("value_hmac", .string(digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())),
                    ]), by: principal, on: db)
        }
        return value.count >= 4
    }

    /// Names and dates, by name.
    public func list(of owner: SecretOwner, by principal: Principal) async throws -> [SecretInfo] {
        try await services.access.check(.secretRead, AccessTarget(owner), by: principal)
        return try await services.backend.read { db in
            try db.run(
                Select("name", "current_version", "visibility", "created_at", "updated_at").from("actions_secrets")
                    .where(owner.condition).orderBy("name")
            ).map { row in
                SecretInfo(
                    name: try row["name"], version: try row["current_version"], visibility: try row["visibility"],
                    createdAt: try row["created_at"], updatedAt: try row["updated_at"])
            }
        }
    }

    /// Removes a secret with all its versions. Throws ``ServiceError`` `not_found`.
    public func delete(_ name: String, of owner: SecretOwner, by principal: Principal) async throws {
        try await services.access.check(.secretUpdate, AccessTarget(owner), by: principal)
        let name = try Self.checked(name)
        try await services.transaction { db, _ in
            let row = try db.first(
                Delete("actions_secrets").where(owner.condition).and("name = \(name)").returning("id"))
            guard let row else { throw ServiceError(.notFound, "secret \(name)", "there is no such secret") }
            try AuditLog.record(
                AuditEntry(
                    .secretDelete, .secret, try row["id"], repository: owner.repositoryID,
                    organization: owner.organizationID, before: [("name", .string(name))]), by: principal, on: db)
        }
    }

    /// Lets a repository use an organization's secret whose visibility is `selected`.
    public func grant(
        _ name: String, of organization: Int64, to repository: RepositoryID, by principal: Principal
    ) async throws {
        let owner = SecretOwner.organization(organization)
        try await services.access.check(.secretUpdate, AccessTarget(owner), by: principal)
        let name = try Self.checked(name)
        try await services.transaction { db, _ in
            let row = try db.first(Select("id").from("actions_secrets").where(owner.condition).and("name = \(name)"))
            guard let id: Int64 = try row?["id"] else {
                throw ServiceError(.notFound, "secret \(name)", "there is no such secret")
            }
            try db.run(
                Insert("actions_secret_grants").values([
                    "secret_id": id, "repository_id": repository, "created_at": .now,
                ]).onConflict("secret_id, repository_id", .doNothing))
            try AuditLog.record(
                AuditEntry(
                    .secretUpdate, .secret, id, organization: organization,
                    after: [("granted_to", .number(Double(repository.rawValue))), ("name", .string(name))]),
                by: principal, on: db)
        }
    }

    // MARK: Rules

    /// GitHub's rule for names. Upper-case.
    static func checked(_ name: String) throws(ServiceError) -> String {
        let bytes = Array(name.uppercased().utf8)
        let isWord = bytes.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
        guard let first = bytes.first, isWord, first > UInt8(ascii: "9"), bytes.count <= 255 else {
            throw ServiceError(
                .invalidInput, "secret",
                "a name has letters, digits and _, begins with no digit, and has at most 255 characters")
        }
        let upper = String(decoding: bytes, as: UTF8.self)
        guard !upper.hasPrefix("GITHUB_") else {
            throw ServiceError(.invalidInput, "secret \(upper)", "names that begin with GITHUB_ are GitHub's own")
        }
        return upper
    }

    private static func checkLimit(_ owner: SecretOwner, on db: isolated any StorageConnection) throws {
        let count: Int = try db.one(Select("count(*) AS n").from("actions_secrets").where(owner.condition))["n"]
        guard count <= owner.limit else {
            throw ServiceError(.limit, "secrets", "there are \(owner.limit) already, the most that can be")
        }
    }

    private static func upsert(_ name: String, _ owner: SecretOwner, _ visibility: SecretVisibility) -> Insert {
        let rule: SQL =
            owner.organizationID == nil
            ? "repository_id, environment, name) WHERE (repository_id IS NOT NULL"
            : "organization_id, name) WHERE (organization_id IS NOT NULL"
        return Insert("actions_secrets").values([
            "repository_id": owner.repositoryID, "organization_id": owner.organizationID,
            "environment": owner.environment, "name": name, "visibility": visibility.rawValue, "created_at": .now,
            "updated_at": .clampedNow(after: "NULL"),
        ]).onConflict(
            rule,
            .doUpdate(set: [
                "current_version": "actions_secrets.current_version + 1" as SQL,
                "visibility": "excluded.visibility" as SQL,
                "updated_at": .clampedNow(after: "actions_secrets.updated_at"),
            ])
        ).returning("id", "current_version")
    }
}
