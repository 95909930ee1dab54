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
            let stored = Select("id", "value").from("actions_variables").where(owner.condition).and("name = \(name)")
            try db.lock(stored)
            let before = try db.first(stored)
            let id: Int64 = try db.one(Self.upsert(name, value, owner, visibility), "variable \(name)")["id"]
            if before == nil { try Self.checkLimit(owner, on: db) }
            let old: String? = try before?["value"]
            try AuditLog.record(
                AuditEntry(
                    before == nil ? .variableCreate : .variableUpdate, .variable, id, repository: owner.repositoryID,
                    organization: owner.organizationID, before: old.map { [("value", .string($0))] } ?? [],
                    after: [("name", .string(name)), ("value", .string(value))]), by: principal, on: db)
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
                Delete("actions_variables").where(owner.condition).and("name = \(name)").returning("id", "value"))
            guard let row else { throw ServiceError(.notFound, "variable \(name)", "there is no such variable") }
            try AuditLog.record(
                AuditEntry(
                    .variableDelete, .variable, try row["id"], repository: owner.repositoryID,
                    organization: owner.organizationID,
                    before: [("name", .string(name)), ("value", .string(try row["value"]))]), by: principal, on: db)
        }
    }

    /// Lets a repository use an organization's variable whose visibility is `selected`, or takes that back. Throws
    /// ``ServiceError`` `not_found`.
    public func setGranted(
        _ isGranted: Bool, _ name: String, of organization: Int64, to repository: RepositoryID, by principal: Principal
    ) async throws {
        let owner = SecretOwner.organization(organization)
        try await services.access.check(.variableUpdate, AccessTarget(owner), by: principal)
        let name = try SettingName.checked(name, "variable")
        try await services.transaction { db, _ in
            let row = try db.first(Select("id").from("actions_variables").where(owner.condition).and("name = \(name)"))
            guard let id: Int64 = try row?["id"] else {
                throw ServiceError(.notFound, "variable \(name)", "there is no such variable")
            }
            if isGranted {
                try db.run(
                    Insert("actions_variable_grants").values([
                        "variable_id": id, "repository_id": repository, "created_at": .now,
                    ]).onConflict("variable_id, repository_id", .doNothing))
            } else {
                try db.run(
                    Delete("actions_variable_grants").where("variable_id = \(id)").and("repository_id = \(repository)"))
            }
            let fields: AuditEntry.Fields = [
                ("granted_to", .number(Double(repository.rawValue))), ("name", .string(name)),
            ]
            try AuditLog.record(
                AuditEntry(
                    .variableUpdate, .variable, id, organization: organization, before: isGranted ? [] : fields,
                    after: isGranted ? fields : []), by: principal, on: db)
        }
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
                "visibility": visibility == nil ? "actions_variables.visibility" as SQL : "excluded.visibility",
                "updated_at": .clampedNow(after: "actions_variables.updated_at"),
            ])
        ).returning("id")
    }
}
