internal import Model
internal import QueryBuilder
internal import Storage

/// How long jobs wait and take, how often they fail, and what they use: sums of days, which stay small however many runs
/// there were.
///
/// **What is counted, and why exactly once.** Unit is the attempt of a run that has ended: no status, time or execution of
/// it ever changes again. One transaction locks such attempts, adds them and their executions to the daily tables, and
/// sets their `in_statistics`; so an attempt is in the sums exactly when its flag is set, and whoever else looks at it
/// waits for the lock and then finds the flag. Neither ids nor clocks decide anything: ids are given before they are
/// committed, and a transaction may end long after the moment that it stored. What a running attempt has done already is
/// not counted yet.
public struct StatisticsService: Sendable {
    let services: Services

    /// Attempts of one transaction.
    static let batch = 100

    /// Counts every attempt that has ended, some at a time; returns how many. All that had ended before this call are
    /// counted afterwards, by this call or another.
    @discardableResult
    public func rollUp() async throws -> Int {
        var total = 0
        while true {
            let count = try await rollUp(atMost: Self.batch)
            total += count
            if count < Self.batch { return total }
        }
    }

    /// One transaction, of the oldest `limit` of them.
    @discardableResult
    func rollUp(atMost limit: Int) async throws -> Int {
        let open = Select("id").from("actions_run_attempts").where("NOT in_statistics").and("conclusion IS NOT NULL")
            .orderBy("id").limit(limit)
        // Often there is nothing: only then is nobody kept from writing.
        guard try await services.backend.read({ db in try db.first(open) != nil }) else { return 0 }
        return try await services.transaction { db, _ in
            let ids: [Int64] = try db.run(open.forUpdate()).map { row in try row["id"] }
            if ids.isEmpty { return 0 }
            let tally = try Self.tally(ids, on: db)
            try db.runAll(
                tally.queries() + [Update("actions_run_attempts").set("in_statistics", true).where("id IN \(ids)")],
                finishing: true)
            return ids.count
        }
    }

    static func tally(_ attempts: [Int64], on db: isolated any StorageConnection) throws -> DailyTally {
        let results = try db.run([
            Select(
                "a.attempt", "a.conclusion", "a.created_at", "a.run_started_at", "a.completed_at", "r.repository_id",
                "r.workflow_id"
            )
            .from("actions_run_attempts AS a").join("actions_workflow_runs AS r", on: "r.id = a.run_id")
            .where("a.id IN \(attempts)"),
            // Those that a re-run only refers to were executed, and are counted, in their own attempt.
            Select(
                "e.repository_id", "r.workflow_id", "e.call_path", "e.job_key", "e.conclusion", "e.status_reason",
                "e.failure_class", "e.lost_claims", "e.queued_at", "e.started_at", "e.completed_at", "a.attempt",
                "b.conclusion AS before", "coalesce(b.failure_class, s.failure_class) AS before_class"
            )
            .from("actions_job_executions AS e").join("actions_run_attempts AS a", on: "a.id = e.attempt_id")
            .join("actions_workflow_runs AS r", on: "r.id = e.workflow_run_id")
            .leftJoin("actions_run_attempts AS o", on: "o.run_id = a.run_id AND o.attempt = a.attempt - 1")
            .leftJoin(
                "actions_job_executions AS b",
                on: """
                    b.attempt_id = o.id AND b.call_path = e.call_path AND b.job_key = e.job_key
                    AND b.matrix_index = e.matrix_index
                    """
            )
            .leftJoin("actions_job_executions AS s", on: "s.id = b.source_execution_id")
            .where("e.attempt_id IN \(attempts)").and("e.kind = 'steps'").and("e.source_execution_id IS NULL"),
            // Names that come once, of local runs and of runners that take one job, would fill the table.
            Select(
                "s.repository_id", "s.claimed_at", "s.finished_at",
                "CASE WHEN n.lock_path IS NULL AND NOT n.ephemeral THEN n.name ELSE '' END AS runner_name"
            )
            .from("actions_job_executions AS e")
            .join("actions_job_assignments AS s", on: "s.execution_id = e.id")
            .leftJoin("actions_runners AS n", on: "n.id = s.runner_id")
            .where("e.attempt_id IN \(attempts)").and("s.finished_at IS NOT NULL"),
            steps(of: attempts),
        ])
        var tally = DailyTally()
        for row in results[0] { try add(run: row, to: &tally) }
        for row in results[1] { try add(job: row, to: &tally) }
        for row in results[2] {
            let finished: Timestamp = try row["finished_at"]
            tally.add(
                DailyTally.RunnerKey(
                    repository: try row["repository_id"], day: finished.day, name: try row["runner_name"]),
                from: try row["claimed_at"], to: finished)
        }
        for row in results[3] { try add(step: row, to: &tally) }
        return tally
    }

    private static func add(run row: Row, to tally: inout DailyTally) throws {
        var counts = JobCounts()
        switch try row["conclusion"] as RunConclusion {
        case .success, .neutral: counts.succeeded = 1
        case .failure, .startupFailure, .actionRequired: counts.failed = 1
        case .timedOut:
            counts.failed = 1
            counts.timedOut = 1
        case .cancelled: counts.cancelled = 1
        case .skipped, .stale: counts.skipped = 1
        }
        counts.repeated = try row["attempt"] as Int64 > 1 ? 1 : 0
        let completed: Timestamp = try row["completed_at"]
        tally.add(
            DailyTally.JobKey(
                workflow: try row["workflow_id"], day: completed.day, path: "", repository: try row["repository_id"]),
            counts,
            DailyTally.Times(
                queuedAt: try row["created_at"], startedAt: try row["run_started_at"], completedAt: completed))
    }

    private static func add(job row: Row, to tally: inout DailyTally) throws {
        var counts = JobCounts()
        let before: JobConclusion? = try row["before"]
        switch try row["conclusion"] as JobConclusion {
        case .success, .neutral:
            counts.succeeded = 1
            let fault: FailureClass? = try row["before_class"]
            counts.flaky = before?.result == .failure && fault != .infrastructure ? 1 : 0
        case .failure, .startupFailure:
            counts.failed = 1
            counts.infrastructure = try row["failure_class"] as FailureClass? == .infrastructure ? 1 : 0
        case .cancelled: counts.cancelled = 1
        case .skipped: counts.skipped = 1
        }
        counts.timedOut = try row["status_reason"] as StatusReason? == .timedOut ? 1 : 0
        counts.repeated = try row["attempt"] as Int64 > 1 ? 1 : 0
        counts.lostClaims = try row["lost_claims"]
        let completed: Timestamp = try row["completed_at"]
        tally.add(
            DailyTally.JobKey(
                workflow: try row["workflow_id"], day: completed.day,
                path: JobExecution.keyPath(callPath: try row["call_path"], jobKey: try row["job_key"]),
                repository: try row["repository_id"]),
            counts,
            DailyTally.Times(
                queuedAt: try row["queued_at"], startedAt: try row["started_at"], completedAt: completed))
    }
}
