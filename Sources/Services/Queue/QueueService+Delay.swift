public import Model
internal import QueryBuilder
internal import Storage

extension QueueService {
    /// Puts the delayed jobs that are due into the queue, at most `limit`, at the head of their class. Any number of
    /// processes may do this at the same time. Returns them.
    @discardableResult
    public func promote(limit: Int = 100) async throws -> [ExecutionID] {
        let due = Select("d.execution_id").from("actions_delayed_jobs AS d").where("d.not_before <= \(.now)")
            .orderBy("d.not_before, d.execution_id").limit(limit)
        // Looked for without a lock: mostly there is nothing.
        guard try await services.backend.read({ db in try db.first(due.limit(1)) != nil }) else { return [] }
        return try await services.transaction { db, changes in
            // What another server moves, or somebody ends, is passed over.
            let ids = try db.run(due.forUpdate(skipLocked: true)).map { row in try row["execution_id"] as Int64 }
            if ids.isEmpty { return [] }
            let jobs = try db.run(RunScheduler.executions().where("e.id IN \(ids)").orderBy("e.id"))
                .map { row in try JobExecution(row) }
            try db.run(QueueRows.first(jobs, changes))
            try db.run(Delete("actions_delayed_jobs").where("execution_id IN \(ids)"))
            for job in jobs {
                changes.changedRuns.insert(job.runID)
                changes.events.append(.jobQueued(job))
            }
            return jobs.map(\.id)
        }
    }

    /// Keeps a queued job out of the queue for that long.
    static func delay(_ job: ExecutionID, by duration: Duration) -> Insert {
        Insert("actions_delayed_jobs").values(["execution_id": job, "not_before": .now(plus: duration)])
    }
}
