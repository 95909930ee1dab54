public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunnerService {
    private static let workflowLimit = 100

    /// Makes a group of an organization (nil: of the installation): for all repositories but public ones, unless
    /// `settings` says otherwise. Throws ``ServiceError`` `invalid_input`, `limit`, or `conflict` when it has one of that
    /// name.
    public func createGroup(
        _ name: String, organization: Int64? = nil, settings: RunnerGroupSettings = RunnerGroupSettings(),
        by principal: Principal
    ) async throws -> RunnerGroup {
        try await services.access.check(.runnerUpdate, AccessTarget(organization: organization), by: principal)
        try InputCheck.name(name, "the group's name", limit: 255)
        guard !name.contains("/") else {
            throw ServiceError(.invalidInput, "runner group \(name)", "a name holds no slash")
        }
        try InputCheck.organization(organization)
        let workflows = try Self.workflows(settings)
        return try await services.transaction { db, _ in
            let unique: SQL =
                organization == nil
                ? "name_folded) WHERE (organization_id IS NULL"
                : "organization_id, name_folded) WHERE (organization_id IS NOT NULL"
            let row = try db.first(
                Insert("actions_runner_groups").values([
                    "organization_id": organization, "name": name, "name_folded": name.lowercased(),
                    "visibility": settings.visibility ?? .all,
                    "allows_public_repositories": settings.allowsPublicRepositories ?? false,
                    "restricted_to_workflows": workflows?.isEmpty == false, "created_at": .now, "updated_at": .now,
                ]).onConflict(unique, .doNothing).returning("id"))
            guard let row else {
                throw ServiceError(.conflict, "runner group \(name)", "there is one of that name already")
            }
            let id = RunnerGroupID(try row["id"])
            try Self.store(workflows ?? [], of: id, on: db)
            let group = try RunnerGroupRows.one(id, on: db)
            try AuditLog.record(
                AuditEntry(
                    .runnerGroupCreate, .runnerGroup, id.rawValue, organization: organization, after: group.fields),
                by: principal, on: db)
            return group
        }
    }

    /// Changes who may use a group's runners, from the next claim on. Throws ``ServiceError`` `not_found`,
    /// `invalid_input`, `limit`.
    public func updateGroup(
        _ id: RunnerGroupID, settings: RunnerGroupSettings, by principal: Principal
    ) async throws -> RunnerGroup {
        let workflows = try Self.workflows(settings)
        return try await changeGroup(id, by: principal) { before, db in
            try db.run(
                Update("actions_runner_groups").set("visibility", settings.visibility ?? before.visibility)
                    .set(
                        "allows_public_repositories",
                        settings.allowsPublicRepositories ?? before.allowsPublicRepositories
                    )
                    .set("restricted_to_workflows", workflows.map { !$0.isEmpty } ?? before.restrictedToWorkflows)
                    .where("id = \(id)"))
            guard let workflows else { return }
            try db.run(Delete("actions_runner_group_workflows").where("group_id = \(id)"))
            try Self.store(workflows, of: id, on: db)
        }
    }

    /// Adds repositories to those that a group of visibility `selected` serves, and takes others away, from the next claim
    /// on. Throws ``ServiceError`` `not_found`, or `invalid_input` for one of another organization than the group's.
    public func updateRepositories(
        of id: RunnerGroupID, adding: [RepositoryID] = [], removing: [RepositoryID] = [], by principal: Principal
    ) async throws -> RunnerGroup {
        try await changeGroup(id, by: principal) { before, db in
            for added in adding {
                let repository = try RepositoryService.repository(added, on: db)
                guard before.organizationID == nil || repository.organizationID == before.organizationID else {
                    throw ServiceError(
                        .invalidInput, "runner group \(before.name)",
                        "\(repository.fullName) belongs to another organization")
                }
            }
            let rows: [[any Bindable]] = adding.map { [id, $0] }
            try db.run(
                Insert("actions_runner_group_repositories").rows(["group_id", "repository_id"], rows)
                    .onConflict("group_id, repository_id", .doNothing))
            try db.run(
                Delete("actions_runner_group_repositories").where("group_id = \(id)")
                    .and("repository_id IN \(removing.map(\.rawValue))"))
        }
    }

    /// Takes a group away: its runners belong to none any more, and take the jobs of every repository of their scope;
    /// registration tokens for it are no longer any. Throws ``ServiceError`` `not_found`.
    public func removeGroup(_ id: RunnerGroupID, by principal: Principal) async throws {
        try await services.access.check(.runnerUpdate, .runnerGroup(id), by: principal)
        try await services.transaction { db, _ in
            let before = try Self.lockedGroup(id, on: db)
            try db.run(Delete("actions_runner_groups").where("id = \(id)"))
            try AuditLog.record(
                AuditEntry(
                    .runnerGroupDelete, .runnerGroup, id.rawValue, organization: before.organizationID,
                    before: before.fields), by: principal, on: db)
        }
    }

    /// Every group, by organization (those of the installation first) and name.
    public func groups(by principal: Principal) async throws -> [RunnerGroup] {
        try await services.access.check(.runnerRead, .installation, by: principal)
        return try await services.backend.read { db in try RunnerGroupRows.load(where: "1 = 1", on: db) }
            .sorted { ($0.organizationID ?? .min, $0.name) < ($1.organizationID ?? .min, $1.name) }
    }

    /// Throws ``ServiceError`` `not_found`.
    public func group(
        _ name: String, organization: Int64? = nil, by principal: Principal
    ) async throws -> RunnerGroup {
        try await services.access.check(.runnerRead, AccessTarget(organization: organization), by: principal)
        return try await services.backend.read { db in try RunnerGroupRows.one(name, of: organization, on: db) }
    }

    /// Puts a runner into a group, or (nil) into none, from its next claim on; what it executes goes on. Throws
    /// ``ServiceError`` `not_found`, or `invalid_input` unless both belong to the same organization, or to the
    /// installation.
    public func move(_ id: RunnerID, to group: RunnerGroupID?, by principal: Principal) async throws -> Runner {
        try await services.access.check(.runnerUpdate, .runner(id), by: principal)
        return try await services.transaction { db, _ in
            let before = try RunnerRows.locked(id, on: db).runner
            let group = try group.map { try RunnerGroupRows.one($0, on: db) }
            try group?.check(before.scope)
            try db.run(Update("actions_runners").set("runner_group_id", group?.id).where("id = \(id)"))
            try AuditLog.record(
                AuditEntry(
                    .runnerUpdate, .runner, id.rawValue, organization: before.scope.organization,
                    before: [("group", .string(before.group?.name ?? ""))],
                    after: [("group", .string(group?.name ?? ""))]), by: principal, on: db)
            return try RunnerRows.one(id, on: db).runner
        }
    }

    private func changeGroup(
        _ id: RunnerGroupID, by principal: Principal,
        _ change: @escaping @Sendable (RunnerGroup, isolated any StorageConnection) throws -> Void
    ) async throws -> RunnerGroup {
        try await services.access.check(.runnerUpdate, .runnerGroup(id), by: principal)
        return try await services.transaction { db, changes in
            changes.widensReach = true
            let before = try Self.lockedGroup(id, on: db)
            try change(before, db)
            try db.run(Update("actions_runner_groups").set("updated_at", .now).where("id = \(id)"))
            let after = try RunnerGroupRows.one(id, on: db)
            try AuditLog.record(
                AuditEntry(
                    .runnerGroupUpdate, .runnerGroup, id.rawValue, organization: before.organizationID,
                    before: before.fields, after: after.fields), by: principal, on: db)
            return after
        }
    }

    private static func lockedGroup(
        _ id: RunnerGroupID, on db: isolated any StorageConnection
    ) throws -> RunnerGroup {
        try db.lock(Select("id").from("actions_runner_groups").where("id = \(id)"))
        return try RunnerGroupRows.one(id, on: db)
    }

    private static func workflows(_ settings: RunnerGroupSettings) throws -> [SelectedWorkflow]? {
        guard let texts = settings.selectedWorkflows else { return nil }
        guard texts.count <= workflowLimit else {
            throw ServiceError(.limit, "runner group", "it names more than \(workflowLimit) workflows")
        }
        return try Set(texts).sorted().map { try SelectedWorkflow($0) }
    }

    private static func store(
        _ workflows: [SelectedWorkflow], of id: RunnerGroupID, on db: isolated any StorageConnection
    ) throws {
        let rows: [[any Bindable]] = workflows.map { [id, $0.repository, $0.path, $0.ref] }
        try db.run(
            Insert("actions_runner_group_workflows").rows(["group_id", "repository", "path", "ref"], rows)
                .onConflict("group_id, repository, path, ref", .doNothing))
    }
}

extension RunnerGroup {
    /// Throws ``ServiceError`` `invalid_input` where runners of that scope cannot be of this group.
    func check(_ scope: RunnerScope) throws {
        guard scope.repository == nil, scope.organization == organizationID else {
            let owner = organizationID.map { "organization \($0)" } ?? "the installation"
            throw ServiceError(
                .invalidInput, "runner group \(name)", "it holds runners of \(owner) alone, and no repository's own")
        }
    }
}
