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
    /// Throws ``ServiceError`` `forbidden`, `invalid_input` or `limit`, and ``CryptographyError``.
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
        guard value.count > 0 else {
            throw ServiceError(.invalidInput, "secret \(name)", "the value is empty; nothing is stored")
        }
        let keyring = keyring
        try await services.transaction { db, _ in
            let (installation, root, key) = try keyring.active(on: db)
            // Writers of one name go one after the other, so that each tells what it replaced.
            let before = try Self.locked(name, owner, on: db).map { try told($0, owner, name, root, on: db) } ?? []
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
            let digest = SHA256.hex(try address.digest(of: value, key: root.auditKey))
            try AuditLog.record(
                AuditEntry(
                    version == 1 ? .secretCreate : .secretUpdate, .secret, id, repository: owner.repositoryID,
                    organization: owner.organizationID, before: before,
                    after: try Self.told(row, owner, name) + [("value_hmac", .string(digest))]), by: principal, on: db)
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
            guard let row = try Self.locked(name, owner, on: db) else {
                throw ServiceError(.notFound, "secret \(name)", "there is no such secret")
            }
            // The value goes also where the root key, by which it could be told, is not at hand.
            let root = try? keyring.proven(on: db).root
            let before = try root.map { try told(row, owner, name, $0, on: db) } ?? Self.told(row, owner, name)
            let id: Int64 = try row["id"]
            try db.run(Delete("actions_secrets").where("id = \(id)"))
            try AuditLog.record(
                AuditEntry(
                    .secretDelete, .secret, id, repository: owner.repositoryID, organization: owner.organizationID,
                    before: before), by: principal, on: db)
        }
    }

    /// Lets a repository use an organization's secret whose visibility is `selected`, or takes that back. Throws
    /// ``ServiceError`` `not_found`.
    public func setGranted(
        _ isGranted: Bool, _ name: String, of organization: Int64, to repository: RepositoryID, by principal: Principal
    ) async throws {
        try await OrganizationSetting.secret.setGranted(
            isGranted, name, of: organization, to: repository, by: principal, services)
    }

    // MARK: What the audit log is told

    private static func locked(
        _ name: String, _ owner: SecretOwner, on db: isolated any StorageConnection
    ) throws -> Row? {
        try db.lock(Select("id").from("actions_secrets").where(owner.condition).and("name = \(name)"))
        return try db.first(
            Select("s.id", "s.current_version", "s.visibility", "v.key_term", "v.record").from("actions_secrets AS s")
                .leftJoin("actions_secret_versions AS v", on: "v.secret_id = s.id AND v.version = s.current_version")
                .where(owner.condition).and("s.name = \(name)"))
    }

    private static func told(_ row: Row, _ owner: SecretOwner, _ name: String) throws -> AuditEntry.Fields {
        let version: Int64 = try row["current_version"]
        return [("name", .string(name)), ("version", .number(Double(version)))] + (try owner.auditFields(row))
    }

    /// The same with the digest of the value, where that still opens.
    private func told(
        _ row: Row, _ owner: SecretOwner, _ name: String, _ root: RootKey, on db: isolated any StorageConnection
    ) throws -> AuditEntry.Fields {
        var fields = try Self.told(row, owner, name)
        guard let term: Int64 = try row["key_term"], let (installation, key) = try? keyring.key(term: term, on: db)
        else { return fields }
        let address = owner.address(name, version: try row["current_version"], installation: installation)
        guard let value = try? key.open(try row["record"], at: address) else { return fields }
        fields.append(("value_hmac", .string(SHA256.hex(try address.digest(of: value, key: root.auditKey)))))
        return fields
    }

    // MARK: Rules

    /// Jobs are given text.
    private static func checkText(_ value: SecretBytes, _ name: String) throws(ServiceError) {
        let isText = value.withUnsafeBytes { bytes in
            // Scalar by scalar: a string of it would stay on the heap.
            var (parser, rest) = (Unicode.UTF8.ForwardParser(), bytes.makeIterator())
            while true {
                switch parser.parseScalar(from: &rest) {
                case .valid(let scalar): if scalar.first == 0 { return false }
                case .emptyInput: return true
                case .error: return false
                }
            }
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
                "visibility": visibility == nil ? "actions_secrets.visibility" as SQL : "excluded.visibility" as SQL,
                "updated_at": .clampedNow(after: "actions_secrets.updated_at"),
            ])
        ).returning("id", "current_version", "visibility")
    }
}
