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
        return try await claiming { db, changes in
            let (runner, live, sets, pauses) = try Self.look(id, on: db)
            guard runner.status != .offline else {
                throw ServiceError(.conflict, "runner \(id)", "it is offline: set it online first")
            }
            guard !runner.isDraining, runner.pausedReason == nil else { return ([], []) }
            guard !pauses.contains(where: { $0.repositoryID == nil }) else { return ([], []) }
            let room = min(runner.isEphemeral ? 1 : limit, Int(max(0, runner.maxParallelJobs - live)))
            guard room > 0, !sets.isEmpty else { return ([], []) }
            var claim = JobClaim(runner, services: services, principal: principal, changes: changes)
            // What others hold is passed over; where they hold all that was seen, it is looked further.
            for ahead in [8, 64, 512] {
                let size = Self.literal(room + ahead)
                let heads = try Self.heads(
                    of: sets, without: pauses.compactMap(\.repositoryID), for: runner, limit: size, on: db)
                for window in [heads.prefix(room), heads.dropFirst(room)] {
                    let held = try claim.hold(Array(window), limit: room, on: db)
                    if held.picks.isEmpty { continue }
                    if runner.isEphemeral {
                        try db.run(Update("actions_runners").set("draining", true).where("id = \(id)"))
                    }
                    return (try claim.take(held.picks, starting: held.starting, finishing: true, on: db), claim.refused)
                }
                if heads.count < size { break }
            }
            return ([], [])
        }
    }

    /// The runner, which this transaction holds from now on, its live claims, the label sets of waiting jobs that its
    /// labels hold, and what is paused: one round trip.
    private static func look(
        _ id: RunnerID, on db: isolated any StorageConnection
    ) throws -> (runner: Runner, live: Int64, sets: [Int64], pauses: [QueuePause]) {
        let lock = Select("id").from("actions_runners").where("id = \(id)").forUpdate()
        let results = Array(
            try db.run(
                (db.dialect.locksRows ? [lock] : []) + [
                    RunnerRows.select().where("r.id = \(id)"),
                    Select("label").from("actions_runner_labels").where("runner_id = \(id)"), waitingSets, pauses(),
                ]
            ).suffix(4))
        guard let row = results[0].first else {
            throw ServiceError(.notFound, "runner \(id)", "there is no such runner")
        }
        var runner = try Runner(row)
        runner.labels = try results[1].map { row in try row["label"] }
        let own = Set(runner.labels)
        let sets: [Int64] = try results[2].compactMap { row in
            guard case .array(let labels) = try ExpressionValue(json: row["labels"] as String) else { return nil }
            return labels.elements.allSatisfy { own.contains($0.text) } ? try row["id"] : nil
        }
        return (runner, try row["live_leases"], sets, try results[3].map { row in try QueuePause(row) })
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

    /// One step of the queue's key for each set.
    private static let waitingSets = With(
        "waiting",
        as: Select("min(q.label_set_id) AS id").from("actions_job_queue AS q")
            .unionAll(
                Select("(SELECT min(n.label_set_id) FROM actions_job_queue AS n WHERE n.label_set_id > w.id)")
                    .from("waiting AS w").where("w.id IS NOT NULL")),
        recursive: true
    ).then(Select("s.id", "s.labels").from("waiting AS w").join("actions_label_sets AS s", on: "s.id = w.id"))

    /// The first waiting jobs of those sets, by rank; none of the repositories that are paused.
    private static func heads(
        of sets: [Int64], without paused: [RepositoryID], for runner: Runner, limit: Int,
        on db: isolated any StorageConnection
    ) throws -> [JobClaim.Pick] {
        let paused = paused.map(\.rawValue)
        let queries = sets.map { set in
            var query = Select("q.execution_id", "q.workflow_run_id", "q.rank").from("actions_job_queue AS q")
                .where("q.label_set_id = \(set)")
                .and(
                    "NOT EXISTS (SELECT 1 FROM actions_live_runs AS l WHERE l.run_id = q.workflow_run_id AND l.runner_id IS NOT NULL)"
                )
                .orderBy("q.rank, q.execution_id").limit(limit)
            if !paused.isEmpty { query = query.and("q.repository_id NOT IN \(paused)") }
            switch runner.scope {
            case .global: break
            case .repository(let id): query = query.and("q.repository_id = \(id)")
            case .organization(let id):
                query = query.and(
                    "q.repository_id IN (SELECT p.id FROM actions_repositories AS p WHERE p.organization_id = \(id))")
            }
            return query as any Query
        }
        var lists: [ArraySlice<(pick: JobClaim.Pick, rank: Int64)>] = try db.run(queries).map { rows in
            try rows.map { row in
                (
                    JobClaim.Pick(execution: ID(try row["execution_id"]), run: ID(try row["workflow_run_id"])),
                    try row["rank"]
                )
            }[...]
        }
        // Virtual times of different sets say nothing of each other: between sets the older job goes first.
        var heads: [JobClaim.Pick] = []
        while heads.count < limit {
            let next = lists.indices.filter { !lists[$0].isEmpty }.min { a, b in
                guard let x = lists[a].first, let y = lists[b].first else { return false }
                return (QueueRows.priorityClass(of: x.rank), x.pick.execution)
                    < (QueueRows.priorityClass(of: y.rank), y.pick.execution)
            }
            guard let next, let head = lists[next].popFirst() else { break }
            heads.append(head.pick)
        }
        return heads
    }

    /// Every registered runner and how it stands to a job: those that could take it first, the least loaded before the
    /// others. Throws ``ServiceError`` `not_found`.
    public func candidates(for execution: ExecutionID, by principal: Principal) async throws -> [RunnerMatch] {
        try await services.backend.read { db in
            let demand = try JobDemand(of: execution, on: db)
            let runners = try RunnerRows.load(db.run(RunnerRows.select().where("r.lock_path IS NULL")), on: db)
            return RunnerMatch.all(runners, for: demand)
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
        labels = try (row["labels"] as String?).map { try JobDemand.labels($0) } ?? []
    }
}
