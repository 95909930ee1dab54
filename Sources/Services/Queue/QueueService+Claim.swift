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
        return try await services.transaction { db, changes in
            let (runner, live) = try RunnerRows.locked(id, on: db)
            guard runner.status != .offline else {
                throw ServiceError(.conflict, "runner \(id)", "it is offline: set it online first")
            }
            guard !runner.isDraining, runner.pausedReason == nil else { return [] }
            let room = min(limit, Int(max(0, runner.maxParallelJobs - live)))
            guard room > 0 else { return [] }
            let sets = try Self.eligibleSets(of: runner, on: db)
            guard !sets.isEmpty else { return [] }
            var messages: [JobMessage] = []
            // First what nobody else works on; then, if others held all of it, the first run is waited for.
            for waits in [false, true] where messages.isEmpty {
                let heads = try Self.heads(of: sets, for: runner, limit: room, on: db)
                if heads.isEmpty { break }
                let free = waits ? [heads[0].run] : try Self.lock(heads.map(\.run), on: db)
                for head in heads where free.contains(head.run) && messages.count < room {
                    let scheduler = try changes.scheduler(
                        head.run, services: services, by: principal, claiming: true, on: db)
                    if let message = try scheduler.claim(head.execution, for: runner, on: db) {
                        messages.append(message)
                    }
                }
            }
            try changes.drain(on: db)
            return messages
        }
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

    private struct Head {
        var execution: ExecutionID
        var run: RunID
        var rank: Int64
    }

    /// The label sets of waiting jobs that the runner's labels hold: one step of the queue's key for each set.
    private static func eligibleSets(
        of runner: Runner, on db: isolated any StorageConnection
    ) throws -> [Int64] {
        let waiting = With(
            "waiting",
            as: Select("min(q.label_set_id) AS id").from("actions_job_queue AS q")
                .unionAll(
                    Select(
                        "(SELECT min(n.label_set_id) FROM actions_job_queue AS n WHERE n.label_set_id > w.id)"
                    ).from("waiting AS w").where("w.id IS NOT NULL")),
            recursive: true
        ).then(
            Select("s.id", "s.labels").from("waiting AS w").join("actions_label_sets AS s", on: "s.id = w.id"))
        let own = Set(runner.labels)
        return try db.run(waiting).compactMap { row in
            guard case .array(let labels) = try ExpressionValue(json: row["labels"] as String) else { return nil }
            return labels.elements.allSatisfy { own.contains($0.text) } ? try row["id"] : nil
        }
    }

    /// The first waiting jobs of those sets, by rank.
    private static func heads(
        of sets: [Int64], for runner: Runner, limit: Int, on db: isolated any StorageConnection
    ) throws -> [Head] {
        let queries = sets.map { set in
            var query = Select("q.execution_id", "q.workflow_run_id", "q.rank").from("actions_job_queue AS q")
                .where("q.label_set_id = \(set)")
                .and(
                    "NOT EXISTS (SELECT 1 FROM actions_live_runs AS l WHERE l.run_id = q.workflow_run_id AND l.runner_id IS NOT NULL)"
                )
                .orderBy("q.rank, q.execution_id").limit(limit)
            switch runner.scope {
            case .global: break
            case .repository(let id): query = query.and("q.repository_id = \(id)")
            case .organization(let id):
                query = query.and(
                    "q.repository_id IN (SELECT p.id FROM actions_repositories AS p WHERE p.organization_id = \(id))")
            }
            return query as any Query
        }
        var heads: [Head] = []
        for rows in try db.run(queries) {
            for row in rows {
                heads.append(
                    Head(
                        execution: ID(try row["execution_id"]), run: ID(try row["workflow_run_id"]),
                        rank: try row["rank"]))
            }
        }
        return Array(heads.sorted { ($0.rank, $0.execution) < ($1.rank, $1.execution) }.prefix(limit))
    }

    /// Locks those of the runs that nobody else works on, and returns them.
    private static func lock(_ runs: [RunID], on db: isolated any StorageConnection) throws -> Set<RunID> {
        guard db.dialect.locksRows else { return Set(runs) }
        let ids = Set(runs.map(\.rawValue)).sorted()
        let rows = try db.run(
            Select("id").from("actions_workflow_runs").where("id IN \(ids)").orderBy("id").forUpdate(skipLocked: true))
        return Set(try rows.map { row in ID(try row["id"]) })
    }

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
