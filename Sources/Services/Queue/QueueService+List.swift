public import Model
internal import QueryBuilder
internal import Storage

extension QueueService {
    /// The jobs that wait, by label set, each set in the order in which it is handed out, then the retries that are delayed;
    /// at most `limit` of them (1 to 1000), and how many there are.
    public func list(limit: Int = 1_000, by principal: Principal) async throws -> (entries: [QueueEntry], total: Int) {
        try await services.access.check(.queueRead, .installation, by: principal)
        let limit = try InputCheck.limit(limit)
        return try await services.backend.read { db in
            let snapshot = try QueueSnapshot(on: db)
            let rows = try db.run(
                Self.entries("q.queued_at", "NULL AS not_before")
                    .join("actions_job_queue AS q", on: "q.execution_id = e.id")
                    .orderBy("q.label_set_id, q.rank, q.execution_id").limit(limit))
            var last: [Int64: Int] = [:]
            var entries = try rows.map { row in
                var entry = try Self.entry(row, snapshot)
                if !entry.isBound, entry.pause == nil {
                    last[entry.labelSet, default: 0] += 1
                    entry.position = last[entry.labelSet]
                }
                return entry
            }
            let delayed = try db.run(
                Self.entries("coalesce(e.queued_at, e.created_at) AS queued_at", "d.not_before")
                    .join("actions_delayed_jobs AS d", on: "d.execution_id = e.id")
                    .orderBy("d.not_before, e.id").limit(limit))
            entries += try delayed.map { row in try Self.entry(row, snapshot) }
            let count: Int64 = try db.one(Select("count(*) AS n").from("actions_delayed_jobs"))["n"]
            return (Array(entries.prefix(limit)), snapshot.sets.values.reduce(0) { $0 + $1.count } + Int(count))
        }
    }

    private static func entries(_ columns: SQL...) -> Select {
        let select = Select(
            "e.id", "e.workflow_run_id", "e.repository_id", "e.label_set_id", "p.owner", "p.name AS repository_name",
            "e.name", "e.priority", "l.runner_id"
        )
        .from("actions_job_executions AS e").join("actions_repositories AS p", on: "p.id = e.repository_id")
        .leftJoin("actions_live_runs AS l", on: "l.run_id = e.workflow_run_id")
        return columns.reduce(select) { $0.columns($1) }
    }

    /// Without its position.
    private static func entry(_ row: Row, _ snapshot: QueueSnapshot) throws -> QueueEntry {
        let repository = RepositoryID(try row["repository_id"])
        let set: Int64 = try row["label_set_id"]
        let isBound = try row["runner_id"] as Int64? != nil
        return QueueEntry(
            execution: ID(try row["id"]), run: ID(try row["workflow_run_id"]), repository: repository,
            repositoryName: "\(try row["owner"] as String)/\(try row["repository_name"] as String)",
            name: try row["name"], priority: try row["priority"], labelSet: set,
            labels: (snapshot.labels[set] ?? []).map(GroupLabel.text), position: nil, queuedAt: try row["queued_at"],
            isBound: isBound, pause: isBound ? nil : snapshot.pause(of: repository),
            delayedUntil: try row["not_before"])
    }
}
