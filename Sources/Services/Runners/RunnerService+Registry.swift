public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunnerService {
    /// Makes a runner; it is offline until it says otherwise. Throws ``ServiceError`` `invalid_input`, or `not_found` for
    /// its repository.
    public func register(_ registration: RunnerRegistration, by principal: Principal) async throws -> Runner {
        try await services.access.check(.runnerUpdate, AccessTarget(registration.scope), by: principal)
        try registration.check()
        return try await services.transaction { db, _ in try Self.insert(registration, by: principal, on: db) }
    }

    /// One that was checked.
    static func insert(
        _ registration: RunnerRegistration, by principal: Principal, on db: isolated any StorageConnection
    ) throws -> Runner {
        let capabilities = registration.capabilities
        let digits = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }
        let (repository, organization) = try Self.columns(of: registration.scope, on: db)
        let group = try registration.group.map { name in
            try RunnerGroupRows.one(name, of: registration.scope.organization, on: db)
        }
        try group?.check(registration.scope)
        let id: RunnerID = ID(
            try db.insert(
                Insert("actions_runners").values([
                    "uuid": digits.joined(separator: "-"), "name": registration.name,
                    "repository_id": repository, "organization_id": organization,
                    "status": Runner.Status.offline, "ephemeral": registration.isEphemeral,
                    "os": capabilities.os.lowercased(),
                    "arch": capabilities.supportedArchitectures.first?.lowercased() ?? "",
                    "version": capabilities.version, "max_parallel_jobs": capabilities.maxParallelJobs,
                    "supported_architectures": .json(capabilities.architecturesJSON),
                    "docker_enabled": capabilities.dockerEnabled, "runner_group_id": group?.id,
                    "created_at": .now,
                ])))
        try store(registration.allLabels, of: id, on: db)
        try AuditLog.record(
            AuditEntry(
                .runnerRegister, .runner, id.rawValue, repository: repository, organization: organization,
                after: [("name", .string(registration.name))] + (group.map { [("group", .string($0.name))] } ?? [])),
            by: principal, on: db)
        return try RunnerRows.one(id, on: db).runner
    }

    static func store(
        _ labels: [(label: String, kind: String)], of id: RunnerID, on db: isolated any StorageConnection
    ) throws {
        let rows: [[any Bindable]] = labels.map { [id, $0.label, $0.kind] }
        try db.run(Insert("actions_runner_labels").rows(["runner_id", "label", "kind"], rows))
    }

    static func columns(
        of scope: RunnerScope, on db: isolated any StorageConnection
    ) throws -> (RepositoryID?, Int64?) {
        switch scope {
        case .global: return (nil, nil)
        case .organization(let id):
            try InputCheck.organization(id)
            return (nil, id)
        case .repository(let id):
            _ = try RepositoryService.repository(id, on: db)
            return (id, nil)
        }
    }

    /// Throws ``ServiceError`` `not_found`.
    public func get(_ id: RunnerID, by principal: Principal) async throws -> Runner {
        try await services.access.check(.runnerRead, .runner(id), by: principal)
        return try await services.backend.read { db in try RunnerRows.one(id, on: db).runner }
    }

    /// The newest first.
    public func list(
        scope: RunnerScope? = nil, after cursor: PageCursor<Runner>? = nil, limit: Int = 50, by principal: Principal
    ) async throws -> Page<Runner> {
        try await services.access.check(.runnerRead, scope.map { AccessTarget($0) } ?? .installation, by: principal)
        let limit = try InputCheck.limit(limit)
        var query = RunnerRows.select().orderBy("r.id DESC").limit(limit + 1)
        switch scope {
        case .repository(let id)?: query = query.and("r.repository_id = \(id)")
        case .organization(let id)?: query = query.and("r.organization_id = \(id)")
        case .global?: query = query.and("r.repository_id IS NULL").and("r.organization_id IS NULL")
        case nil: break
        }
        if let cursor { query = query.and("r.id < \(cursor.position)") }
        let chosen = query
        return try await services.backend.read { db in
            let found = try RunnerRows.load(db.run(chosen), on: db).map(\.runner)
            return Page(found, limit: limit) { $0.id.rawValue }
        }
    }

    /// Says that a runner takes jobs, does not, or is busy with something else. Throws ``ServiceError`` `not_found`.
    public func updateStatus(
        _ id: RunnerID, _ status: Runner.Status, by principal: Principal
    ) async throws -> Runner {
        try await services.access.checkOwn(id, by: principal)
        return try await services.transaction { db, _ in
            let before = try RunnerRows.locked(id, on: db).runner
            try db.run(Update("actions_runners").set("status", status).where("id = \(id)"))
            if status != .offline { try db.runAll([Self.touch([id])]) }
            try AuditLog.record(
                AuditEntry(
                    .runnerUpdate, .runner, id.rawValue, repository: before.scope.repository,
                    organization: before.scope.organization,
                    before: [("status", .string(before.status.rawValue))],
                    after: [("status", .string(status.rawValue))]), by: principal, on: db)
            return try RunnerRows.one(id, on: db).runner
        }
    }

    /// A sign of life. Throws ``ServiceError`` `not_found`.
    public func heartbeat(_ id: RunnerID, by principal: Principal) async throws {
        try await services.access.checkOwn(id, by: principal)
        try await services.transaction { db, _ in
            do {
                try db.runAll([Self.touch([id])])
            } catch let error as StorageError where error.code == .foreignKey {
                throw ServiceError(.notFound, "runner \(id)", "there is no such runner")
            }
        }
    }
}

extension RunnerScope {
    var repository: RepositoryID? {
        if case .repository(let id) = self { id } else { nil }
    }

    var organization: Int64? {
        if case .organization(let id) = self { id } else { nil }
    }
}
