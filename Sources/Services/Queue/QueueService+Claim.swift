public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension QueueService {
    /// Takes up to `limit` waiting jobs that this registered runner can execute: its labels hold theirs, its scope their
    /// repository, and it has room; the highest rank first. Runners that ask at the same time are answered together.
    /// Throws ``ServiceError`` `not_found`, or `conflict` while it is offline.
    public func claim(_ id: RunnerID, limit: Int, by principal: Principal) async throws -> [JobMessage] {
        try await services.access.check(.runnerWork, .runner(id), by: principal)
        let limit = try InputCheck.limit(limit)
        while true {
            do {
                return try await messages(of: taken(id, limit: limit, by: principal), by: principal)
            } catch is ClaimPlanner.RunnerMoved {
                // To another group, by another process: what it may take is read again.
                services.labelSets.forget(id)
            }
        }
    }

    private func taken(_ id: RunnerID, limit: Int, by principal: Principal) async throws -> [JobClaim.Claimed] {
        let reach = try await reach(of: id)
        var request = ClaimGroup.Request(runner: id, limit: limit, reach: reach, principal: principal)
        let claimed = try await services.claims.claim(request, services)
        guard claimed.isEmpty, services.labelSets.isOld else { return claimed }
        // Another server has stored a set since the sets were read.
        request.reach = try await self.reach(of: id)
        return request.reach == reach ? [] : try await services.claims.claim(request, services)
    }

    /// Throws ``ServiceError`` `not_found`.
    func reach(of id: RunnerID) async throws -> RunnerReach {
        let cache = services.labelSets
        if !cache.isOld, let known = cache.reach(of: id) { return known }
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
            return cache.reach(of: id) ?? RunnerReach(scope: runner.scope, group: runner.groupID, sets: [])
        }
    }

    /// Whether any job waits for a runner that is registered: one look, for all runners of a process. Delayed jobs that are
    /// due are queued.
    public func hasWaiting() async throws -> Bool {
        let queued = Select("1 AS one").from("actions_job_queue AS q").where(QueueRows.isForAnyRunner).limit(1)
        let due = Select("1 AS one").from("actions_delayed_jobs AS d").where("d.not_before <= \(.now)").limit(1)
        let (isQueued, isDue) = try await services.backend.read { db in
            let row = try db.one(Select("EXISTS \(queued) AS is_queued", "EXISTS \(due) AS is_due"))
            return (try row["is_queued"] as Bool, try row["is_due"] as Bool)
        }
        return try isDue ? await !promote().isEmpty || isQueued : isQueued
    }

    /// Every registered runner and how it stands to a job: those that could take it first, the least loaded before the
    /// others. Throws ``ServiceError`` `not_found`.
    public func candidates(for execution: ExecutionID, by principal: Principal) async throws -> [RunnerMatch] {
        try await services.access.check(.runRead, .job(execution), by: principal)
        return try await services.backend.read { db in
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
            JobOrigin.select().columns("s.labels", "p.organization_id", "l.runner_id")
                .leftJoin("actions_label_sets AS s", on: "s.id = e.label_set_id")
                .leftJoin("actions_live_runs AS l", on: "l.run_id = e.workflow_run_id")
                .where("e.id = \(execution)"))
        guard let row else { throw ServiceError(.notFound, "job \(execution)", "there is no such job execution") }
        origin = try JobOrigin(row)
        organization = try row["organization_id"]
        boundRunner = (try row["runner_id"] as Int64?).map { ID($0) }
        labels = try (row["labels"] as String?).map { try JobDemand.labels($0) } ?? []
    }
}
