public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension QueueService {
    /// Takes up to `limit` waiting jobs that this registered runner can execute: its labels hold theirs, its scope their
    /// repository, and it has room; the highest rank first. Throws ``ServiceError`` `not_found`, or `conflict` while it
    /// is offline.
    public func claim(_ id: RunnerID, limit: Int, by principal: Principal) async throws -> [JobMessage] {
        let services = services
        let limit = try InputCheck.limit(limit)
        let (scope, sets) = try await eligibleSets(of: id)
        var avoided: Set<RunID> = []
        // What others hold is passed over; where they hold all that was seen, it is looked further.
        for ahead in [8, 64, 512] {
            let size = Self.literal(limit + ahead)
            let passed = avoided
            let (claimed, seen) = try await services.transaction { (db, changes) -> ([JobClaim.Claimed], [JobClaim.Pick]) in
                let (runner, live, rows) = try Self.look(
                    id, sets, scope, limit: size, heads: services.queueHeads, on: db)
                guard runner.status != .offline else {
                    throw ServiceError(.conflict, "runner \(id)", "it is offline: set it online first")
                }
                guard !runner.isDraining, runner.pausedReason == nil else { return ([], []) }
                let room = min(runner.isEphemeral ? 1 : limit, Int(max(0, runner.maxParallelJobs - live)))
                let heads = try QueueHeads.merge(rows, limit: size)
                guard room > 0, !heads.isEmpty else { return ([], []) }
                let claimed = try JobClaim(runner: runner, principal: principal, changes: changes).take(
                    heads.filter { !passed.contains($0.run) }, limit: room, finishing: !runner.isEphemeral, on: db)
                if !claimed.isEmpty, runner.isEphemeral {
                    try db.run(Update("actions_runners").set("draining", true).where("id = \(id)"))
                }
                return (claimed, heads)
            }
            if !claimed.isEmpty { return try await messages(of: claimed, by: principal) }
            // Another transaction starts these runs, or ends them.
            avoided.formUnion(seen.prefix(limit).map(\.run))
            if seen.isEmpty { break }
        }
        return []
    }

    /// The runner, which this transaction holds from now on, its live claims, and what waits first in those sets: one
    /// round trip, two where there are very many sets.
    private static func look(
        _ id: RunnerID, _ sets: [Int64], _ scope: RunnerScope, limit: Int, heads: QueueHeads,
        on db: isolated any StorageConnection
    ) throws -> (runner: Runner, live: Int64, rows: [Rows]) {
        let lock = Select("id").from("actions_runners").where("id = \(id)").forUpdate()
        var first: [any Query] = db.dialect.locksRows ? [lock] : []
        first += PlanByIndex.queries(for: db.dialect) + [RunnerRows.select().where("r.id = \(id)")]
        var sets = sets
        if sets.count > QueueHeads.setLimit {
            let waiting = Set(try db.run(waitingSets).map { row in try row["id"] as Int64 })
            sets = sets.filter(waiting.contains)
        }
        let (rows, found) = try heads.read(sets, for: scope, limit: limit, after: first, on: db)
        guard let row = rows?.first else {
            throw ServiceError(.notFound, "runner \(id)", "there is no such runner")
        }
        return (try Runner(row), try row["live_leases"], found)
    }

    /// The runner's scope, and the label sets that its labels hold. Throws ``ServiceError`` `not_found`.
    private func eligibleSets(of id: RunnerID) async throws -> (RunnerScope, [Int64]) {
        let cache = services.labelSets
        if !cache.isOld, let known = cache.eligible(for: id) { return known }
        return try await services.backend.read { db in
            let (runner, _) = try RunnerRows.one(id, on: db)
            cache.remember(runner)
            let rows = try db.run(
                Select("id", "labels").from("actions_label_sets").where("id >= \(cache.firstUnknown)").orderBy("id"))
            cache.adopt(
                try rows.map { row in
                    guard case .array(let labels) = try ExpressionValue(json: row["labels"] as String) else {
                        return (id: try row["id"], labels: [])
                    }
                    return (id: try row["id"], labels: labels.elements.map(\.text))
                })
            return cache.eligible(for: id) ?? (runner.scope, [])
        }
    }

    /// A few limits, so that the statements are few.
    private static func literal(_ limit: Int) -> Int {
        [16, 128, 1_024].first { limit <= $0 } ?? 2_048
    }

    /// Whether any job waits for a runner that is registered: one look, for all runners of a process.
    public func hasWaiting() async throws -> Bool {
        try await services.backend.read { db in
            try db.first(
                Select("q.execution_id").from("actions_job_queue AS q")
                    .where(
                        "NOT EXISTS (SELECT 1 FROM actions_live_runs AS l WHERE l.run_id = q.workflow_run_id AND l.runner_id IS NOT NULL)"
                    ).limit(1)) != nil
        }
    }

    /// The sets in which anything waits: one step of the queue's key for each.
    private static let waitingSets = With(
        "waiting",
        as: Select("min(q.label_set_id) AS id").from("actions_job_queue AS q")
            .unionAll(
                Select("(SELECT min(n.label_set_id) FROM actions_job_queue AS n WHERE n.label_set_id > w.id)")
                    .from("waiting AS w").where("w.id IS NOT NULL")),
        recursive: true
    ).then(Select("w.id").from("waiting AS w").where("w.id IS NOT NULL"))

    /// Every registered runner and how it stands to a job: those that could take it first, the least loaded before the
    /// others. Throws ``ServiceError`` `not_found`.
    public func candidates(for execution: ExecutionID, by principal: Principal) async throws -> [RunnerMatch] {
        try await services.backend.read { db in
            let demand = try JobDemand(of: execution, on: db)
            let runners = try RunnerRows.load(db.run(RunnerRows.select().where("r.lock_path IS NULL")), on: db)
            return runners.map { runner, live in
                var obstacle = demand.obstacle(runner, live: live)
                if obstacle == nil, runner.status != .online { obstacle = runner.status == .busy ? .full : .offline }
                return RunnerMatch(
                    runner: runner, load: Double(live) / Double(runner.maxParallelJobs), obstacle: obstacle)
            }.sorted { a, b in
                if (a.obstacle == nil) != (b.obstacle == nil) { return a.obstacle == nil }
                return (a.load, a.runner.id) < (b.load, b.runner.id)
            }
        }
    }
}

extension JobDemand {
    /// Throws ``ServiceError`` `not_found`.
    init(of execution: ExecutionID, on db: isolated any StorageConnection) throws {
        let row = try db.first(
            Select("e.repository_id", "s.labels", "p.organization_id", "l.runner_id")
                .from("actions_job_executions AS e")
                .join("actions_repositories AS p", on: "p.id = e.repository_id")
                .leftJoin("actions_label_sets AS s", on: "s.id = e.label_set_id")
                .leftJoin("actions_live_runs AS l", on: "l.run_id = e.workflow_run_id")
                .where("e.id = \(execution)"))
        guard let row else { throw ServiceError(.notFound, "job \(execution)", "there is no such job execution") }
        repository = ID(try row["repository_id"])
        organization = try row["organization_id"]
        boundRunner = (try row["runner_id"] as Int64?).map { ID($0) }
        labels = []
        if let text = try row["labels"] as String?, case .array(let list) = try ExpressionValue(json: text) {
            labels = list.elements.map(\.text)
        }
    }
}
