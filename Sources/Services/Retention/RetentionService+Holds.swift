public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RetentionService {
    /// What a hold is of.
    public enum Held: Sendable, Hashable {
        case run(RunID)
        case repository(RepositoryID)
    }

    /// Keeps a run, or all of a repository, from any pruning until ``release(_:by:)``: nothing of it is removed once this
    /// has returned. A second hold of the same takes the place of the first, which is returned too. Throws
    /// ``ServiceError`` `invalid_input` for the reason, `not_found`.
    @discardableResult
    public func hold(
        _ held: Held, reason: String, by principal: Principal
    ) async throws -> (hold: LegalHold, replaced: LegalHold?) {
        try await services.access.check(.retentionUpdate, .installation, by: principal)
        try InputCheck.name(reason, "the reason of the hold", limit: 255)
        return try await services.transaction { db, _ in
            try Self.lock(RetentionClass.allCases, on: db)
            let repository: RepositoryID
            var run: RunID?
            switch held {
            case .run(let id):
                repository = try RunService.run(id, on: db).repositoryID
                run = id
            case .repository(let id): repository = try RepositoryService.repository(id, on: db).id
            }
            let before = try Self.hold(held, on: db)
            try db.run(Delete("actions_legal_holds").where(Self.isOf(held)))
            try db.run(
                Insert("actions_legal_holds").values([
                    "repository_id": repository, "run_id": run, "reason": reason, "actor": principal.name,
                    "created_at": before?.createdAt.term ?? SQL.now.term,
                ]))
            try AuditLog.record(
                Self.entry(.holdSet, held, repository, before: before?.reason, after: reason), by: principal, on: db)
            guard let hold = try Self.hold(held, on: db) else {
                throw StorageError(.missingRow, subject: "actions_legal_holds", "the hold was not stored")
            }
            return (hold, before)
        }
    }

    /// Ends that hold; false when there was none. That of a repository leaves those of its runs.
    @discardableResult
    public func release(_ held: Held, by principal: Principal) async throws -> Bool {
        try await services.access.check(.retentionUpdate, .installation, by: principal)
        return try await services.transaction { db, _ in
            try Self.lock(RetentionClass.allCases, on: db)
            guard let before = try Self.hold(held, on: db) else { return false }
            try db.run(Delete("actions_legal_holds").where(Self.isOf(held)))
            try AuditLog.record(
                Self.entry(.holdRelease, held, before.repositoryID, before: before.reason, after: nil), by: principal,
                on: db)
            return true
        }
    }

    /// Every hold, the oldest first.
    public func holds(by principal: Principal) async throws -> [LegalHold] {
        try await services.access.check(.retentionRead, .installation, by: principal)
        return try await services.backend.read { db in
            try db.run(Select("*").from("actions_legal_holds").orderBy("id")).map { row in try LegalHold(row) }
        }
    }

    /// Whether the repository or a run of it is held.
    static func holdsAnything(of repository: RepositoryID, on db: isolated any StorageConnection) throws -> Bool {
        try db.first(
            Select("1 AS one").from("actions_legal_holds").where("repository_id = \(repository)").limit(1)) != nil
    }

    private static func hold(_ held: Held, on db: isolated any StorageConnection) throws -> LegalHold? {
        try db.first(Select("*").from("actions_legal_holds").where(isOf(held))).map { row in try LegalHold(row) }
    }

    private static func isOf(_ held: Held) -> SQL {
        switch held {
        case .run(let id): "run_id = \(id)"
        case .repository(let id): "repository_id = \(id) AND run_id IS NULL"
        }
    }

    private static func entry(
        _ action: AuditEntry.Action, _ held: Held, _ repository: RepositoryID, before: String?, after: String?
    ) -> AuditEntry {
        func fields(_ reason: String?) -> AuditEntry.Fields { reason.map { [("reason", .string($0))] } ?? [] }
        return switch held {
        case .run(let id):
            AuditEntry(
                action, .run, id.rawValue, repository: repository, before: fields(before), after: fields(after))
        case .repository(let id):
            AuditEntry(
                action, .repository, id.rawValue, repository: id, before: fields(before), after: fields(after))
        }
    }
}
