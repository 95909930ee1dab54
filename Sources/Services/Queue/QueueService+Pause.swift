public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension QueueService {
    /// Hands no job of that repository (nil: of any) to registered runners, from the next claim on; what runs goes on, and
    /// so do local runs. A second pause takes the place of the first, which is returned too. Throws ``ServiceError``
    /// `invalid_input`, `not_found`.
    public func pause(
        _ repository: RepositoryID?, reason: String, by principal: Principal
    ) async throws -> (pause: QueuePause, replaced: QueuePause?) {
        try await services.access.check(.queueUpdate, AccessTarget(repository), by: principal)
        try InputCheck.name(reason, "the reason of the pause", limit: 255)
        return try await services.transaction { db, _ in
            if let repository { _ = try RepositoryService.repository(repository, on: db) }
            let before = try Self.pause(of: repository, on: db)
            let unique: SQL =
                repository == nil ? "(repository_id IS NULL)) WHERE (repository_id IS NULL" : "repository_id"
            let pause = try QueuePause(
                try db.one(
                    Insert("actions_queue_pauses").values([
                        "repository_id": repository, "reason": reason, "actor": principal.name, "created_at": .now,
                    ]).onConflict(unique, .doUpdate(set: ["reason": reason, "actor": principal.name])).returning("*")))
            try AuditLog.record(
                AuditEntry(
                    .queuePause, .queue, repository?.rawValue ?? 0, repository: repository,
                    before: before.map { [("reason", .string($0.reason))] } ?? [],
                    after: [("reason", .string(reason))]), by: principal, on: db)
            return (pause, before)
        }
    }

    /// Takes that pause back; false when there was none. A pause of everything is one of its own: it does not end with
    /// those of repositories, nor they with it.
    @discardableResult
    public func resume(_ repository: RepositoryID?, by principal: Principal) async throws -> Bool {
        try await services.access.check(.queueUpdate, AccessTarget(repository), by: principal)
        return try await services.transaction { db, changes in
            changes.widensReach = true
            guard let before = try Self.pause(of: repository, on: db) else { return false }
            try db.run(Delete("actions_queue_pauses").where(Self.isOf(repository)))
            try AuditLog.record(
                AuditEntry(
                    .queueResume, .queue, repository?.rawValue ?? 0, repository: repository,
                    before: [("reason", .string(before.reason))]), by: principal, on: db)
            return true
        }
    }

    /// Every pause, the oldest first.
    public func pauses(by principal: Principal) async throws -> [QueuePause] {
        try await services.access.check(.queueRead, .installation, by: principal)
        return try await services.backend.read { db in try db.run(Self.pauses()).map { row in try QueuePause(row) } }
    }

    static func pauses() -> Select {
        Select("repository_id", "reason", "actor", "created_at").from("actions_queue_pauses").orderBy("id")
    }

    private static func pause(
        of repository: RepositoryID?, on db: isolated any StorageConnection
    ) throws -> QueuePause? {
        try db.first(pauses().where(isOf(repository))).map { row in try QueuePause(row) }
    }

    /// That of everything, or of the repository.
    static func pause(
        hitting repository: RepositoryID, on db: isolated any StorageConnection
    ) throws -> QueuePause? {
        try db.first(pauses().where("repository_id IS NULL OR repository_id = \(repository)")).map { row in
            try QueuePause(row)
        }
    }

    private static func isOf(_ repository: RepositoryID?) -> SQL {
        if let repository { "repository_id = \(repository)" } else { "repository_id IS NULL" }
    }
}
