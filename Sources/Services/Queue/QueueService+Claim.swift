public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension QueueService {
    /// Takes up to `limit` waiting jobs that this registered runner can execute: its labels hold theirs, its scope their
    /// repository, and it has room; the highest rank first. Runners that ask at the same time are answered together.
    /// Throws ``ServiceError`` `not_found`, or `conflict` while it is offline.
    public func claim(_ id: RunnerID, limit: Int, by principal: Principal) async throws -> [JobMessage] {
        let limit = try InputCheck.limit(limit)
        let (scope, sets) = try await eligibleSets(of: id)
        var request = ClaimGroup.Request(runner: id, limit: limit, scope: scope, sets: sets, principal: principal)
        var claimed = try await services.claims.claim(request, services)
        if claimed.isEmpty, services.labelSets.isOld {
            // Another server has stored a set since the sets were read.
            request.sets = try await eligibleSets(of: id).1
            if request.sets != sets { claimed = try await services.claims.claim(request, services) }
        }
        return try await messages(of: claimed, by: principal)
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

    /// Whether any job waits for a runner that is registered: one look, for all runners of a process.
    public func hasWaiting() async throws -> Bool {
        try await services.backend.read { db in
            try db.first(
                Select("q.execution_id").from("actions_job_queue AS q")
                    .where(QueueRows.isForAnyRunner).limit(1)) != nil
        }
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
