public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Variables: the `vars` context of jobs, stored in the clear.
public struct VariableService: Sendable {
    /// Of one value.
    static let maximumValue = 48 * 1024

    let services: Services

    /// Stores a value under a name, in place of the one it had. An organization's is `private` unless said otherwise, and
    /// stays as it was said. Throws ``ServiceError`` `forbidden`, `invalid_input` or `limit`.
    public func set(
        _ name: String, _ value: String, of owner: SecretOwner, visibility: SecretVisibility? = nil,
        by principal: Principal
    ) async throws {
        try await services.access.check(.variableUpdate, AccessTarget(owner), by: principal)
        let name = try SettingName.checked(name, "variable")
        guard value.utf8.count <= Self.maximumValue else {
            throw ServiceError(
                .limit, "variable \(name)", "a value is at most 48 KB; this one has \(value.utf8.count) bytes")
        }
        guard !value.utf8.contains(0) else {
            throw ServiceError(.invalidInput, "variable \(name)", "a value has no NUL")
        }
        try await services.transaction { db, _ in
            // Writers of one name go one after the other, so that each tells what it replaced.
            let stored = Select("id", "value", "visibility").from("actions_variables").where(owner.condition)
                .and("name = \(name)")
            try db.lock(stored)
            let before = try db.first(stored)
            let after = try db.one(Self.upsert(name, value, owner, visibility), "variable \(name)")
            if before == nil { try Self.checkLimit(owner, on: db) }
            try AuditLog.record(
                AuditEntry(
                    before == nil ? .variableCreate : .variableUpdate, .variable, try after["id"],
                    repository: owner.repositoryID, organization: owner.organizationID,
                    before: try before.map { try Self.told($0, owner, name) } ?? [],
                    after: try Self.told(after, owner, name)), by: principal, on: db)
        }
    }

    /// By name.
    public func list(of owner: SecretOwner, by principal: Principal) async throws -> [VariableInfo] {
        try await services.access.check(.variableRead, AccessTarget(owner), by: principal)
        return try await services.backend.read { db in
            try db.run(
                Select("name", "value", "visibility", "created_at", "updated_at").from("actions_variables")
                    .where(owner.condition).orderBy("name")
            ).map { row in
                VariableInfo(
                    name: try row["name"], value: try row["value"], visibility: try row["visibility"],
                    createdAt: try row["created_at"], updatedAt: try row["updated_at"])
            }
        }
    }

    /// Throws ``ServiceError`` `not_found`.
    public func delete(_ name: String, of owner: SecretOwner, by principal: Principal) async throws {
        try await services.access.check(.variableUpdate, AccessTarget(owner), by: principal)
        let name = try SettingName.checked(name, "variable")
        try await services.transaction { db, _ in
            let row = try db.first(
                Delete("actions_variables").where(owner.condition).and("name = \(name)")
                    .returning("id", "value", "visibility"))
            guard let row else { throw ServiceError(.notFound, "variable \(name)", "there is no such variable") }
            try AuditLog.record(
                AuditEntry(
                    .variableDelete, .variable, try row["id"], repository: owner.repositoryID,
                    organization: owner.organizationID, before: try Self.told(row, owner, name)), by: principal, on: db)
        }
    }

    /// Lets a repository use an organization's variable whose visibility is `selected`, or takes that back. Throws
    /// ``ServiceError`` `not_found`.
    public func setGranted(
        _ isGranted: Bool, _ name: String, of organization: Int64, to repository: RepositoryID, by principal: Principal
    ) async throws {
        try await OrganizationSetting.variable.setGranted(
            isGranted, name, of: organization, to: repository, by: principal, services)
    }

    private static func told(_ row: Row, _ owner: SecretOwner, _ name: String) throws -> AuditEntry.Fields {
        [("name", .string(name)), ("value", .string(try row["value"]))] + (try owner.auditFields(row))
    }

    /// GitHub's numbers: 1,000 of an organization, 500 of a repository, 100 of an environment.
    private static func checkLimit(_ owner: SecretOwner, on db: isolated any StorageConnection) throws {
        let limit =
            switch owner {
            case .organization: 1000
            case .repository: 500
            case .environment: 100
            }
        let count: Int = try db.one(Select("count(*) AS n").from("actions_variables").where(owner.condition))["n"]
        guard count <= limit else {
            throw ServiceError(.limit, "variables", "there are \(limit) already, the most that can be")
        }
    }

    private static func upsert(
        _ name: String, _ value: String, _ owner: SecretOwner, _ visibility: SecretVisibility?
    ) -> Insert {
        Insert("actions_variables").values([
            "repository_id": owner.repositoryID, "organization_id": owner.organizationID,
            "environment": owner.environment, "name": name, "value": value,
            "visibility": (visibility ?? .private).rawValue, "created_at": .now,
            "updated_at": .clampedNow(after: "NULL"),
        ]).onConflict(
            owner.conflict,
            .doUpdate(set: [
                "value": "excluded.value" as SQL,
                "visibility": visibility == nil ? "actions_variables.visibility" as SQL : "excluded.visibility" as SQL,
                "updated_at": .clampedNow(after: "actions_variables.updated_at"),
            ])
        ).returning("id", "value", "visibility")
    }
}
