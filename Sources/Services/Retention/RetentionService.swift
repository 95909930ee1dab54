public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// How long what has ended is kept: limits, legal holds, pruning.
///
/// **Why nothing is lost that should stay.** Each transaction of a pruning locks the row of its class, then rows of runs or
/// events, passing over locked ones, and only of what another statement finds to be over, old enough and not held. Who
/// sets a hold or a limit locks the rows of all classes, and who runs a run again locks the run: so what such a call has
/// returned for holds for every transaction that follows, and one that was faster is seen as not found.
public struct RetentionService: Sendable {
    let services: Services
    /// How much one transaction removes.
    var batch = PruneBatch()

    init(services: Services) {
        self.services = services
    }

    /// A limit that was set.
    public struct Setting: Sendable, Hashable {
        public var retentionClass: RetentionClass
        /// Nil: the default.
        public var repositoryID: RepositoryID?
        /// After the end of a run, or after the delivery.
        public var days: Int64
    }

    /// The defaults of all classes, then what was set for repositories.
    public func settings(by principal: Principal) async throws -> [Setting] {
        try await services.access.check(.retentionRead, .installation, by: principal)
        let limits = try await services.backend.read { db in try RetentionLimits(on: db) }
        let defaults = RetentionClass.allCases.map { kind in
            Setting(retentionClass: kind, repositoryID: nil, days: limits.set(kind, for: nil) ?? kind.defaultDays)
        }
        let own = limits.repositories.flatMap { repository in
            RetentionClass.allCases.compactMap { kind in
                limits.set(kind, for: repository).map {
                    Setting(retentionClass: kind, repositoryID: repository, days: $0)
                }
            }
        }
        return defaults + own
    }

    /// The days that hold for a class in a repository. Logs are kept no longer than their runs.
    public func days(_ kind: RetentionClass, in repository: RepositoryID, by principal: Principal) async throws -> Int64
    {
        try await services.access.check(.retentionRead, .repository(repository), by: principal)
        return try await services.backend.read { db in try RetentionLimits(on: db).days(kind, in: repository) }
    }

    /// Sets the days of a class, for a repository or (nil) all that have none of their own; nil days take the setting
    /// back. Throws ``ServiceError`` `invalid_input` unless the days are 1 to 36,500, and for
    /// `audit` of one repository, `not_found` for the repository.
    public func set(
        _ kind: RetentionClass, days: Int64?, for repository: RepositoryID? = nil, by principal: Principal
    ) async throws {
        try await services.access.check(.retentionUpdate, .installation, by: principal)
        if let days, !(1...36_500).contains(days) {
            throw ServiceError(.invalidInput, "retention of \(kind.rawValue)", "\(days) days: expected 1 to 36500")
        }
        if kind == .audit, repository != nil {
            throw ServiceError(
                .invalidInput, "retention of audit", "it goes by whole months, of all repositories; a hold keeps them")
        }
        try await services.transaction { db, _ in
            if let repository { _ = try RepositoryService.repository(repository, on: db) }
            try Self.lock(RetentionClass.allCases, on: db)
            let before = try RetentionLimits(on: db).set(kind, for: repository)
            let row: SQL =
                if let repository { "class = \(kind) AND repository_id = \(repository)" } else {
                    "class = \(kind) AND repository_id IS NULL"
                }
            if repository == nil {
                // Its row is what prunings lock: it stays.
                try db.run(Update("actions_retention").set("days", days ?? kind.defaultDays).where(row))
            } else {
                try db.run(Delete("actions_retention").where(row))
                if let days {
                    try db.run(
                        Insert("actions_retention").values([
                            "class": kind.rawValue, "repository_id": repository, "days": days,
                        ]))
                }
            }
            func fields(_ days: Int64?) -> AuditEntry.Fields {
                [("class", .string(kind.rawValue))] + (days.map { [("days", .number(Double($0)))] } ?? [])
            }
            try AuditLog.record(
                AuditEntry(
                    .retentionUpdate, .retention, repository?.rawValue ?? 0, repository: repository,
                    before: fields(before), after: fields(days)), by: principal, on: db)
        }
    }

    /// Locks the default rows of those classes, made when they are not there yet.
    static func lock(_ classes: [RetentionClass], on db: isolated any StorageConnection) throws {
        try db.run(
            Insert("actions_retention").rows(["class", "days"], classes.map { [$0.rawValue, $0.defaultDays] })
                .onConflict("class) WHERE (repository_id IS NULL", .doNothing))
        let names = classes.map(\.rawValue)
        try db.lock(
            Select("id").from("actions_retention").where("repository_id IS NULL").and("class IN \(names)")
                .orderBy("class"))
    }
}
