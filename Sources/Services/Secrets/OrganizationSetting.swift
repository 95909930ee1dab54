internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// A kind of thing that an organization has for its repositories, and which of them may use it.
enum OrganizationSetting: String {
    case secret, variable

    private var table: SQL { self == .secret ? "actions_secrets" : "actions_variables" }
    private var grants: SQL { self == .secret ? "actions_secret_grants" : "actions_variable_grants" }
    private var key: SQL { self == .secret ? "secret_id" : "variable_id" }
    private var keyColumn: StaticString { self == .secret ? "secret_id" : "variable_id" }

    /// Of a table that is named `s`: those that the repository may use.
    func visible(_ organization: Int64, to repository: RepositoryID) -> SQL {
        let isPublic = Select("1 AS one").from("actions_repositories AS p").where("p.id = \(repository)")
            .and("p.visibility = 'public'")
        let grant = Select("1 AS one").from("\(grants) AS g").where("g.\(key) = s.id")
            .and("g.repository_id = \(repository)")
        return """
            s.organization_id = \(organization) AND (s.visibility = 'all' OR (s.visibility = 'private'
            AND NOT EXISTS \(isPublic)) OR (s.visibility = 'selected' AND EXISTS \(grant)))
            """
    }

    /// Lets a repository use one whose visibility is `selected`, or takes that back. Throws ``ServiceError`` `not_found`,
    /// and `conflict` where another visibility says who may use it.
    func setGranted(
        _ isGranted: Bool, _ name: String, of organization: Int64, to repository: RepositoryID,
        by principal: Principal, _ services: Services
    ) async throws {
        let owner = SecretOwner.organization(organization)
        try await services.access.check(
            self == .secret ? .secretUpdate : .variableUpdate, AccessTarget(owner), by: principal)
        let name = try SettingName.checked(name, rawValue)
        try await services.transaction { db, _ in
            try db.lock(Select("id").from(table).where(owner.condition).and("name = \(name)"))
            let row = try db.first(Select("id", "visibility").from(table).where(owner.condition).and("name = \(name)"))
            guard let row else {
                throw ServiceError(.notFound, "\(rawValue) \(name)", "there is no such \(rawValue)")
            }
            let id: Int64 = try row["id"]
            let visibility: String = try row["visibility"]
            if isGranted {
                let home = try RepositoryService.repository(repository, on: db).organizationID
                guard home == organization else {
                    throw ServiceError(
                        .conflict, "\(rawValue) \(name)",
                        "repository \(repository) belongs to \(home.map { "organization \($0)" } ?? "no organization"): "
                            + "it would never get it")
                }
                guard visibility == "selected" else {
                    throw ServiceError(
                        .conflict, "\(rawValue) \(name)",
                        "its visibility is \(visibility), which says who may use it: "
                            + "set it again with visibility selected")
                }
                try db.run(
                    Insert(grants).values([keyColumn: id, "repository_id": repository, "created_at": .now])
                        .onConflict("\(key), repository_id", .doNothing))
            } else {
                let revoked = try db.first(
                    Delete(grants).where("\(key) = \(id)").and("repository_id = \(repository)").returning(key))
                guard revoked != nil else {
                    throw ServiceError(
                        .notFound, "\(rawValue) \(name)", "it is not granted to repository \(repository)")
                }
            }
            let fields: AuditEntry.Fields = [
                ("granted_to", .number(Double(repository.rawValue))), ("name", .string(name)),
            ]
            try AuditLog.record(
                AuditEntry(
                    self == .secret ? .secretUpdate : .variableUpdate, self == .secret ? .secret : .variable, id,
                    organization: organization, before: isGranted ? [] : fields, after: isGranted ? fields : []),
                by: principal, on: db)
        }
    }
}
