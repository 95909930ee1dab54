public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The repositories whose workflows run.
public struct RepositoryService: Sendable {
    let services: Services

    /// Whether the database is in use: of one that is only prepared the audit log tells nothing, so that it can be imported
    /// into.
    static func hasAny(on db: isolated any StorageConnection) throws -> Bool {
        try db.first(Select("id").from("actions_repositories").limit(1)) != nil
    }

    static func repository(_ id: RepositoryID, on db: isolated any StorageConnection) throws -> Repository {
        guard let row = try db.first(Select("*").from("actions_repositories").where("id = \(id)")) else {
            throw ServiceError(.notFound, "repository \(id)", "there is no such repository")
        }
        return try Repository(row)
    }

    /// Throws ``ServiceError`` `invalid_input`, or `conflict` when there is one of that owner and name.
    public func create(
        owner: String, name: String, defaultBranch: String = "main", organization: Int64? = nil,
        by principal: Principal
    ) async throws -> Repository {
        try await services.access.check(.repositoryCreate, AccessTarget(organization: organization), by: principal)
        try InputCheck.name(owner, "the repository's owner", limit: 255)
        try InputCheck.name(name, "the repository's name", limit: 255)
        try InputCheck.name(defaultBranch, "the repository's default branch", limit: 255)
        try InputCheck.organization(organization)
        for part in [owner, name] where part.contains("/") {
            throw ServiceError(.invalidInput, "repository \(owner)/\(name)", "owner and name hold no slash")
        }
        return try await services.transaction { db, _ in
            let row = try db.first(
                Insert("actions_repositories").values([
                    "location": "\(owner)/\(name)", "owner": owner, "name": name, "default_branch": defaultBranch,
                    "organization_id": organization, "created_at": .now, "updated_at": .now,
                ]).onConflict("location", .doNothing).returning("*"))
            guard let row else {
                throw ServiceError(.conflict, "repository \(owner)/\(name)", "it is there already")
            }
            let repository = try Repository(row)
            try AuditLog.record(
                AuditEntry(
                    .repositoryCreate, .repository, repository.id.rawValue, repository: repository.id,
                    organization: organization,
                    after: [("name", .string(repository.fullName))]), by: principal, on: db)
            return repository
        }
    }

    /// Throws ``ServiceError`` `not_found`.
    public func get(_ id: RepositoryID, by principal: Principal) async throws -> Repository {
        try await services.access.check(.repositoryRead, .repository(id), by: principal)
        return try await services.backend.read { db in try Self.repository(id, on: db) }
    }

    /// Those of that `OWNER/NAME` that the principal may see, the oldest first: several where folders of a host hold clones of one.
    public func named(_ fullName: String, by principal: Principal) async throws -> [Repository] {
        let parts = fullName.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return [] }
        let visible = try await services.access.readable(.repositoryRead, by: principal)
        return try await services.backend.read { db in
            try db.run(
                Select("p.*").from("actions_repositories AS p").where("p.owner = \(parts[0])")
                    .and("p.name = \(parts[1])").and(visible).orderBy("p.id").limit(100)
            ).map { row in try Repository(row) }
        }
    }

    /// Those that the principal may see, the newest first.
    public func list(
        organization: Int64? = nil, after cursor: PageCursor<Repository>? = nil, limit: Int = 50,
        by principal: Principal
    ) async throws -> Page<Repository> {
        var query = Select("p.*").from("actions_repositories AS p")
            .where(try await services.access.readable(.repositoryRead, by: principal))
        if let organization { query = query.and("p.organization_id = \(organization)") }
        return try await services.backend.page(query, by: "p.id", after: cursor, limit: limit) {
            $0.id.rawValue
        } _: {
            try Repository($0)
        }
    }

    /// Throws ``ServiceError`` `not_found`.
    public func setDefaultWorkflowPermissions(
        _ permissions: Repository.DefaultWorkflowPermissions, of id: RepositoryID, by principal: Principal
    ) async throws -> Repository {
        try await set("default_workflow_permissions", permissions.rawValue, of: id, by: principal) {
            .string($0.defaultWorkflowPermissions.rawValue)
        }
    }

    /// Schedules of an archived repository do not fire, and none is made up for afterwards. Throws ``ServiceError``
    /// `not_found`.
    public func setArchived(
        _ isArchived: Bool, of id: RepositoryID, by principal: Principal
    ) async throws -> Repository {
        try await set("archived", isArchived, of: id, by: principal) { .boolean($0.isArchived) }
    }

    /// Whether workflows with schedules are disabled when nothing else happened in the repository for 60 days. Throws
    /// ``ServiceError`` `not_found`.
    public func setDisablesIdleSchedules(
        _ isOn: Bool, of id: RepositoryID, by principal: Principal
    ) async throws -> Repository {
        try await set("disables_idle_schedules", isOn, of: id, by: principal) {
            .boolean($0.disablesIdleSchedules)
        }
    }

    /// Whose pull requests from forks wait for an approval from now on. Throws ``ServiceError`` `not_found`.
    public func setForkApproval(
        _ policy: ForkApproval, of id: RepositoryID, by principal: Principal
    ) async throws -> Repository {
        try await set("fork_approval", policy.rawValue, of: id, by: principal) { .string($0.forkApproval.rawValue) }
    }

    private func set(
        _ column: StaticString, _ new: some Bindable, of id: RepositoryID, by principal: Principal,
        _ value: @escaping @Sendable (Repository) -> ExpressionValue
    ) async throws -> Repository {
        try await services.access.check(.repositoryUpdate, .repository(id), by: principal)
        return try await services.transaction { db, changes in
            // To runners of groups for repositories that are not public.
            changes.widensReach = true
            try db.lock(Select("id").from("actions_repositories").where("id = \(id)"))
            let before = try Self.repository(id, on: db)
            let row = try db.one(
                Update("actions_repositories").set(column, new)
                    .set("updated_at", .clampedNow(after: "updated_at")).where("id = \(id)").returning("*"))
            let after = try Repository(row)
            try ScheduleRows.adjust("repository_id = \(id)", on: db)
            try AuditLog.record(
                AuditEntry(
                    .repositoryUpdate, .repository, id.rawValue, repository: id,
                    organization: before.organizationID, before: [("\(column)", value(before))],
                    after: [("\(column)", value(after))]), by: principal, on: db)
            return after
        }
    }

    /// Deletes the repository and all that belongs to it; the audit log stays. Whoever executes a job of it finds its
    /// claim gone. Throws ``ServiceError`` `not_found`, `conflict` while it is under a legal hold.
    public func delete(_ id: RepositoryID, by principal: Principal) async throws {
        try await services.access.check(.repositoryDelete, .repository(id), by: principal)
        // A file that is stored for the first time meanwhile brings rows that were not seen: begin again.
        for _ in 0..<3 {
            do {
                return try await attemptDelete(id, by: principal)
            } catch let error as StorageError where error.code == .foreignKey {
                continue
            }
        }
        try await attemptDelete(id, by: principal)
    }

    private func attemptDelete(_ id: RepositoryID, by principal: Principal) async throws {
        try await services.transaction { db, _ in
            try db.lock(Select("id").from("actions_repositories").where("id = \(id)"))
            let repository = try Self.repository(id, on: db)
            if try RetentionService.holdsAnything(of: id, on: db) {
                throw ServiceError(
                    .conflict, "repository \(id)", "it, or a run of it, is under a legal hold: release that first")
            }
            // New runs need their workflow's row.
            try db.lock(
                Select("id").from("actions_workflows").where("repository_id = \(id)").orderBy("id"))
            // Runs first: they refer to versions and definitions without taking them along.
            try db.run([
                Delete("actions_workflow_runs").where("repository_id = \(id)"),
                Delete("actions_workflows").where("repository_id = \(id)"),
                Delete("actions_repositories").where("id = \(id)"),
            ])
            try AuditLog.record(
                AuditEntry(
                    .repositoryDelete, .repository, id.rawValue, repository: id,
                    organization: repository.organizationID,
                    before: [("name", .string(repository.fullName))]), by: principal, on: db)
        }
    }
}
