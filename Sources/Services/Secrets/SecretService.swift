public import Cryptography
internal import Hashing
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Secrets: sealed records under the installation's keys. Their values leave only by ``values(for:by:)``, to the runner
/// that holds the job.
public struct SecretService: Sendable {
    let services: Services
    let keyring: SecretKeyring

    /// Stores a value under a name, in place of the one it had. An organization's is `private` unless said otherwise, and
    /// stays as it was said. Returns false when the value is too short to be masked.
    /// Throws ``ServiceError`` `forbidden`, `invalid` or `limit`, and ``CryptographyError``.
    @discardableResult
    public func set(
        _ name: String, _ value: SecretBytes, of owner: SecretOwner, visibility: SecretVisibility? = nil,
        by principal: Principal
    ) async throws -> Bool {
        try await services.access.check(.secretUpdate, AccessTarget(owner), by: principal)
        let name = try SettingName.checked(name, "secret")
        guard value.count <= SealedRecord.maximumPlaintext else {
            throw ServiceError(.limit, "secret \(name)", "a value is at most 48 KB; this one has \(value.count) bytes")
        }
        try Self.checkText(value, name)
        let keyring = keyring
        try await services.transaction { db, _ in
            let (installation, root, key) = try keyring.active(on: db)
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
                try HMACSHA256.authenticationCode(of: bytes, key: root.auditKey)
            }
            try AuditLog.record(
                AuditEntry(
                    version == 1 ? .secretCreate : .secretUpdate, .secret, id, repository: owner.repositoryID,
                    organization: owner.organizationID,
                    after: [
                        ("name", .string(name)), ("version", .number(Double(version))),
                        ("value_hmac", .string(SHA256.hex(digest))),
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
        let name = try SettingName.checked(name, "secret")
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
        let name = try SettingName.checked(name, "secret")
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

    /// Takes it back. Throws ``ServiceError`` `not_found`.
    public func revoke(
        _ name: String, of organization: Int64, from repository: RepositoryID, by principal: Principal
    ) async throws {
        let owner = SecretOwner.organization(organization)
        try await services.access.check(.secretUpdate, AccessTarget(owner), by: principal)
        let name = try SettingName.checked(name, "secret")
        try await services.transaction { db, _ in
            let secret = Select("id").from("actions_secrets").where(owner.condition).and("name = \(name)")
            let row = try db.first(
                Delete("actions_secret_grants").where("secret_id IN \(secret)")
                    .and("repository_id = \(repository)").returning("secret_id"))
            guard let row else {
                throw ServiceError(
                    .notFound, "secret \(name)", "it is not granted to repository \(repository)")
            }
            try AuditLog.record(
                AuditEntry(
                    .secretUpdate, .secret, try row["secret_id"], organization: organization,
                    before: [("granted_to", .number(Double(repository.rawValue))), ("name", .string(name))]),
                by: principal, on: db)
        }
    }

    // MARK: Rules

    /// Jobs are given text.
    private static func checkText(_ value: SecretBytes, _ name: String) throws(ServiceError) {
        let isText = value.withUnsafeBytes { bytes in
            !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
        }
        guard isText else {
            throw ServiceError(
                .invalidInput, "secret \(name)",
                "a value is text in UTF-8 without NUL; store other bytes in base64 and decode them in the job")
        }
    }

    private static func checkLimit(_ owner: SecretOwner, on db: isolated any StorageConnection) throws {
        let count: Int = try db.one(Select("count(*) AS n").from("actions_secrets").where(owner.condition))["n"]
        guard count <= owner.limit else {
            throw ServiceError(.limit, "secrets", "there are \(owner.limit) already, the most that can be")
        }
    }

    private static func upsert(_ name: String, _ owner: SecretOwner, _ visibility: SecretVisibility?) -> Insert {
        Insert("actions_secrets").values([
            "repository_id": owner.repositoryID, "organization_id": owner.organizationID,
            "environment": owner.environment, "name": name,
            "visibility": (visibility ?? .private).rawValue, "created_at": .now,
            "updated_at": .clampedNow(after: "NULL"),
        ]).onConflict(
            owner.conflict,
            .doUpdate(set: [
                "current_version": "actions_secrets.current_version + 1" as SQL,
                "visibility": visibility == nil ? "actions_secrets.visibility" as SQL : "excluded.visibility",
                "updated_at": .clampedNow(after: "actions_secrets.updated_at"),
            ])
        ).returning("id", "current_version")
    }
}
