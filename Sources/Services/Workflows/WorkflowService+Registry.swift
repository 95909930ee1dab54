public import Model
internal import QueryBuilder
internal import Storage
public import WorkflowSyntax

extension WorkflowService {
    /// Stores a file of the repository: the same content is the version that is there, other content becomes the current
    /// version; a deleted file is there again. Throws ``ServiceError`` `invalid_workflow` with everything that is wrong,
    /// each with its place, or `not_found` for the repository.
    public func create(
        _ text: String, filename: String, in repository: RepositoryID, requiringTriggers: Bool = true,
        by principal: Principal
    ) async throws -> WorkflowRecord {
        try await services.access.check(.workflowUpdate, .repository(repository), by: principal)
        try InputCheck.name(filename, "the workflow's filename")
        let source = try WorkflowSource(text, path: filename, requiringTriggers: requiringTriggers)
        let services = services
        return try await services.transaction { db, changes in
            _ = try RepositoryService.repository(repository, on: db)
            let stored = try services.workflows.store(source, in: repository, changes, by: principal, on: db)
            return try Self.record(ID(stored.workflowID), on: db)
        }
    }

    /// Also one that was deleted. Throws ``ServiceError`` `not_found`.
    public func get(_ id: WorkflowID, by principal: Principal) async throws -> WorkflowRecord {
        try await services.access.check(.workflowRead, .workflow(id), by: principal)
        return try await services.backend.read { db in try Self.record(id, on: db) }
    }

    /// The file of that name that is not deleted. Throws ``ServiceError`` `not_found`.
    public func get(
        filename: String, in repository: RepositoryID, by principal: Principal
    ) async throws -> WorkflowRecord {
        try await services.access.check(.workflowRead, .repository(repository), by: principal)
        let query = Self.records().where("w.repository_id = \(repository)").and("w.filename = \(filename)")
            .and("w.state <> 'deleted'")
        return try await services.backend.read { db in
            guard let row = try db.first(query) else {
                throw ServiceError(.notFound, "workflow \(filename)", "repository \(repository) has no such file")
            }
            return try WorkflowRecord(row)
        }
    }

    /// The newest first; nil: all states but deleted.
    public func list(
        in repository: RepositoryID, state: WorkflowRecord.State? = nil,
        after cursor: PageCursor<WorkflowRecord>? = nil, limit: Int = 50, by principal: Principal
    ) async throws -> Page<WorkflowRecord> {
        try await services.access.check(.workflowRead, .repository(repository), by: principal)
        let query = Self.records().where("w.repository_id = \(repository)")
            .and(state.map { "w.state = \($0)" } ?? "w.state <> 'deleted'")
        return try await services.backend.page(query, by: "w.id", after: cursor, limit: limit) {
            $0.id.rawValue
        } _: {
            try WorkflowRecord($0)
        }
    }

    /// Its runs and history stay; it takes no new ones. Throws ``ServiceError`` `not_found`.
    public func delete(_ id: WorkflowID, by principal: Principal) async throws {
        try await change(id, to: .deleted, by: principal)
    }

    /// Enables or disables it. Throws ``ServiceError`` `not_found`.
    public func setEnabled(
        _ id: WorkflowID, _ isEnabled: Bool, by principal: Principal
    ) async throws -> WorkflowRecord {
        try await change(id, to: isEnabled ? .active : .disabledManually, by: principal)
    }

    @discardableResult
    private func change(
        _ id: WorkflowID, to state: WorkflowRecord.State, by principal: Principal
    ) async throws -> WorkflowRecord {
        try await services.access.check(.workflowUpdate, .workflow(id), by: principal)
        return try await services.transaction { db, _ in try Self.change(id, to: state, by: principal, on: db) }
    }

    @discardableResult
    static func change(
        _ id: WorkflowID, to state: WorkflowRecord.State, reason: String? = nil, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws -> WorkflowRecord {
        try db.lock(Select("id").from("actions_workflows").where("id = \(id)"))
        let before = try Self.record(id, on: db)
        guard before.state != .deleted else {
            throw ServiceError(.notFound, "workflow \(id)", "it was deleted")
        }
        try db.run(
            Update("actions_workflows").set("state", state).set("state_reason", reason)
                .set("state_actor", principal.text)
                .set("updated_at", .clampedNow(after: "updated_at")).where("id = \(id)"))
        try AuditLog.record(
            AuditEntry(
                state == .deleted ? .workflowDelete : .workflowUpdate, .workflow, id.rawValue,
                repository: before.repositoryID, before: [("state", .string(before.state.rawValue))],
                after: [("state", .string(state.rawValue))] + (reason.map { [("reason", .string($0))] } ?? [])),
            by: principal, on: db)
        try ScheduleRows.adjust("workflow_id = \(id)", on: db)
        return try Self.record(id, on: db)
    }

    /// The current version, parsed. Throws ``ServiceError`` `not_found`.
    public func current(_ id: WorkflowID, by principal: Principal) async throws -> Workflow {
        try await services.access.check(.workflowRead, .workflow(id), by: principal)
        let services = services
        let (workflow, fresh) = try await services.backend.read { db in
            let changes = Changes()
            let record = try Self.record(id, on: db)
            return (try services.workflows.version(record.versionID, changes, on: db).workflow, changes.fresh)
        }
        services.cache.adopt(fresh)
        return workflow
    }

    static func record(_ id: WorkflowID, on db: isolated any StorageConnection) throws -> WorkflowRecord {
        guard let row = try db.first(records().where("w.id = \(id)")) else {
            throw ServiceError(.notFound, "workflow \(id)", "there is no such workflow")
        }
        return try WorkflowRecord(row)
    }

    static func records() -> Select {
        Select("w.*", "v.yaml_content").from("actions_workflows AS w")
            .join("actions_workflow_versions AS v", on: "v.id = w.current_version_id")
    }
}

extension WorkflowSource {
    /// Parses a file. Throws ``ServiceError`` `invalid_workflow` with all its errors, a line each:
    /// `FILE:LINE:COLUMN: MESSAGE`.
    init(_ text: String, path: String, requiringTriggers: Bool = true, requiringNeeds: Bool = true) throws {
        let parsed = WorkflowParser(requiringTriggers: requiringTriggers, requiringNeeds: requiringNeeds)
            .parse(text, file: path)
        guard let workflow = parsed.workflow else {
            let errors = parsed.diagnostics.filter { $0.severity == .error }
            let lines = errors.map { "\($0.file):\($0.position.line):\($0.position.column): \($0.message)" }
            var error = ServiceError(.invalidWorkflow, "workflow \(path)", lines.joined(separator: "\n"))
            error.diagnostics = errors
            throw error
        }
        self.init(path: path, text: text, workflow: workflow)
    }
}
