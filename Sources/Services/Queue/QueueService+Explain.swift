public import Model
internal import QueryBuilder
internal import Storage

extension QueueService {
    /// Why the job is where it is. Throws ``ServiceError`` `not_found`.
    public func explain(_ execution: ExecutionID, by principal: Principal) async throws -> JobExplanation {
        try await services.backend.read { db in
            guard let row = try db.first(RunScheduler.executions().where("e.id = \(execution)")) else {
                throw ServiceError(.notFound, "job \(execution)", "there is no such job execution")
            }
            let job = try JobExecution(row)
            if let conclusion = job.conclusion {
                return JobExplanation(
                    job: job, asOf: job.completedAt ?? job.createdAt, reason: .ended(conclusion), labels: [],
                    candidates: [])
            }
            let open = try RunExplanation(of: job.runID, on: db).jobs(on: db)
            guard let found = open.first(where: { $0.job.id == execution }) else {
                throw ServiceError(.conflict, "job \(execution)", "it is open in an attempt that was repeated")
            }
            return found
        }
    }

    /// The same for every open job of the run's latest attempt, in the order in which they were made; none when it has
    /// ended. Throws ``ServiceError`` `not_found`.
    public func explain(run: RunID, by principal: Principal) async throws -> [JobExplanation] {
        try await services.backend.read { db in
            try RunExplanation(of: run, on: db).jobs(on: db)
        }
    }

    /// The jobs that wait, by label set, each set in the order in which it is handed out; at most `limit` of them (1 to
    /// 1000), and how many there are.
    public func list(limit: Int = 1_000, by principal: Principal) async throws -> (entries: [QueueEntry], total: Int) {
        let limit = try InputCheck.limit(limit)
        return try await services.backend.read { db in
            let snapshot = try QueueSnapshot(on: db)
            let rows = try db.run(
                Select(
                    "q.execution_id", "q.workflow_run_id", "q.repository_id", "q.label_set_id", "q.rank", "q.queued_at",
                    "p.owner", "p.name AS repository_name", "e.name", "e.priority", "l.runner_id"
                )
                .from("actions_job_queue AS q").join("actions_job_executions AS e", on: "e.id = q.execution_id")
                .join("actions_repositories AS p", on: "p.id = q.repository_id")
                .leftJoin("actions_live_runs AS l", on: "l.run_id = q.workflow_run_id")
                .orderBy("q.label_set_id, q.rank, q.execution_id").limit(limit))
            var last: [Int64: Int] = [:]
            let entries = try rows.map { row in
                let repository = RepositoryID(try row["repository_id"])
                let set: Int64 = try row["label_set_id"]
                let isBound = try row["runner_id"] as Int64? != nil
                let pause = isBound ? nil : snapshot.pause(of: repository)
                let isHandedOut = !isBound && pause == nil
                if isHandedOut { last[set, default: 0] += 1 }
                return QueueEntry(
                    execution: ID(try row["execution_id"]), run: ID(try row["workflow_run_id"]), repository: repository,
                    repositoryName: "\(try row["owner"] as String)/\(try row["repository_name"] as String)",
                    name: try row["name"], priority: try row["priority"], labelSet: set,
                    labels: (snapshot.labels[set] ?? []).map(GroupLabel.text), position: isHandedOut ? last[set] : nil,
                    queuedAt: try row["queued_at"], isBound: isBound, pause: pause)
            }
            return (entries, snapshot.sets.values.reduce(0) { $0 + $1.count })
        }
    }
}
