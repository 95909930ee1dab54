internal import Model
internal import QueryBuilder
public import Storage
internal import WorkflowSyntax

/// What all services share: the database, the live events, the parsed workflows.
public final class Services: Sendable {
    public let backend: any StorageBackend
    public let events = EventHub()
    let wakes = RunWakes()
    let cache = WorkflowCache()
    let labelSets: LabelSetCache
    let planner = ClaimPlanner()
    let claims = ClaimGroup()
    let completions = CompletionGroup()
    let masks = JobMasks()
    let keyring: SecretKeyring?

    /// Without a keyring there are no secrets, and the audit log is not sealed.
    public init(backend: any StorageBackend, keyring: SecretKeyring? = nil) {
        self.backend = backend
        labelSets = LabelSetCache(for: backend.dialect)
        self.keyring = keyring
    }

    /// The services on a database that is brought to these migrations first, with room for the months to come, unless
    /// `preparesMonths` is false: who only looks makes no tables. Throws as ``Migrator/migrate(_:to:)``.
    public static func open(
        _ backend: any StorageBackend, migrations: [Migration], keyring: SecretKeyring? = nil,
        preparesMonths: Bool = true
    ) async throws -> Services {
        let services = Services(backend: backend, keyring: keyring)
        try await services.apply(migrations, preparesMonths: preparesMonths)
        return services
    }

    /// Brings the database to these migrations, with room for the months to come; returns how many were applied. Throws
    /// as ``Migrator/migrate(_:to:)``.
    @discardableResult
    public func apply(_ migrations: [Migration], preparesMonths: Bool = true) async throws -> Int {
        let count = try await Migrator(migrations).migrate(backend) { applied, db in
            guard try RepositoryService.hasAny(on: db) else { return }
            // The last month that it was used in may be long ago.
            try Partitions.ensure(on: db)
            let names = applied.map { ExpressionValue.string($0.identifier) }
            try AuditLog.record(
                AuditEntry(
                    .migrationApply, .installation, Int64(migrations.count),
                    after: [("migrations", .array(ExpressionArray(names)))]), by: .system, on: db)
        }
        if preparesMonths || count > 0 { try await Partitions.ensure(backend) }
        return count
    }

    public var repositories: RepositoryService { RepositoryService(services: self) }
    public var workflows: WorkflowService { WorkflowService(services: self) }
    public var ingestion: IngestionService { IngestionService(services: self) }
    public var runs: RunService { RunService(services: self) }
    public var queue: QueueService { QueueService(services: self) }
    public var runners: RunnerService { RunnerService(services: self) }
    public var logs: LogService { LogService(services: self) }
    public var history: HistoryService { HistoryService(services: self) }
    public var secrets: SecretService? { keyring.map { SecretService(services: self, keyring: $0) } }
    public var keys: KeyService? { keyring.map { KeyService(services: self, keyring: $0) } }
    public var variables: VariableService { VariableService(services: self) }
    public var transfer: TransferService { TransferService(services: self) }
    public var audit: AuditService { AuditService(services: self) }
    public var schedules: ScheduleService { ScheduleService(services: self) }
    public var statistics: StatisticsService { StatisticsService(services: self) }
    public var access: AccessService { AccessService(services: self) }
    public var tokens: TokenService { TokenService(services: self) }
    public var environments: EnvironmentService { EnvironmentService(services: self) }
    public var retention: RetentionService { RetentionService(services: self) }
    public var doctor: DoctorService { DoctorService(services: self) }

    /// Whether jobs may be given any.
    public func hasSecrets() async throws -> Bool {
        try await backend.read { db in try db.first(Select("id").from("actions_secrets").limit(1)) != nil }
    }

    /// A write transaction whose live events are published after its commit.
    func transaction<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection, Changes) throws -> R
    ) async throws -> R {
        let groupsFirst = GroupsFirst()
        let attempt: @Sendable (isolated any StorageConnection) throws -> (R, Committed) = { db in
            let changes = Changes(groupsFirst)
            defer { changes.forgetSchedulers() }
            for repository in groupsFirst.all { try ConcurrencySlots.lockGroups(of: repository, changes, on: db) }
            let result = try body(db, changes)
            return (
                result,
                Committed(
                    events: changes.events, fresh: changes.fresh, runs: changes.changedRuns,
                    queuedRanks: changes.queuedRanks, widensReach: changes.widensReach)
            )
        }
        let (result, committed) = try await repeating(attempt)
        cache.adopt(committed.fresh)
        if !committed.fresh.labelSets.isEmpty { labelSets.invalidate() }
        if backend.dialect.keepsDeadRows {
            planner.marks.lower(committed.queuedRanks)
            if committed.widensReach { planner.marks.forget() }
        }
        events.publish(committed.events)
        await wakes.tell(committed.runs, through: backend)
        return result
    }

    /// Again when its groups are held by another transaction, or after a long sleep, in a month that nobody prepared.
    private func repeating<R: Sendable>(
        _ attempt: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R {
        var isPrepared = false
        while true {
            do {
                return try await backend.transaction(attempt)
            } catch is GroupsFirst.Needed {
                continue
            } catch let error as StorageError where error.code == .noPartition && !isPrepared {
                try await Partitions.ensure(backend)
                isPrepared = true
            }
        }
    }

    /// What is told of a transaction once it is committed.
    private struct Committed: Sendable {
        var events: [RunEvent]
        var fresh: FreshCache
        var runs: Set<RunID>
        var queuedRanks: [Int64: Int64]
        var widensReach: Bool
    }
}
