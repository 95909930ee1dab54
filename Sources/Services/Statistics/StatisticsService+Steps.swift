internal import Model
internal import QueryBuilder
internal import Storage

extension StatisticsService {
    /// The steps of the last claim of each job of the attempts, with what the same leg's step did in the attempt before.
    static func steps(of attempts: [Int64]) -> Select {
        Select(
            "e.repository_id", "r.workflow_id", "e.call_path", "e.job_key", "e.completed_at AS ended_at",
            "t.context_name", "t.name", "t.outcome", "t.started_at", "t.completed_at", "t.cpu_microseconds",
            "t.peak_memory_bytes", "u.outcome AS before"
        )
        .from("actions_job_executions AS e").join("actions_run_attempts AS a", on: "a.id = e.attempt_id")
        .join("actions_workflow_runs AS r", on: "r.id = e.workflow_run_id")
        .join("actions_job_assignments AS s", on: "s.execution_id = e.id AND s.fencing_token = e.claims")
        .join("actions_steps AS t", on: "t.assignment_id = s.id")
        .leftJoin("actions_run_attempts AS o", on: "o.run_id = a.run_id AND o.attempt = a.attempt - 1")
        .leftJoin(
            "actions_job_executions AS b",
            on: """
                b.attempt_id = o.id AND b.call_path = e.call_path AND b.job_key = e.job_key
                AND b.matrix_index = e.matrix_index
                """
        )
        .leftJoin("actions_job_executions AS c", on: "c.id = coalesce(b.source_execution_id, b.id)")
        .leftJoin("actions_job_assignments AS d", on: "d.execution_id = c.id AND d.fencing_token = c.claims")
        .leftJoin("actions_steps AS u", on: "u.assignment_id = d.id AND u.context_name = t.context_name")
        .where("e.attempt_id IN \(attempts)").and("e.source_execution_id IS NULL")
        .and("t.outcome IN ('success', 'failure', 'cancelled')").orderBy("e.id, t.number")
    }

    static func add(step row: Row, to tally: inout DailyTally) throws {
        var counts = StepCounts()
        counts.executed = 1
        let outcome: StepConclusion = try row["outcome"]
        counts.failed = outcome == .failure ? 1 : 0
        counts.flaky = try outcome == .success && row["before"] as StepConclusion? == .failure ? 1 : 0
        if let start: Timestamp = try row["started_at"], let end: Timestamp = try row["completed_at"] {
            counts.runMicroseconds = max(0, end.microseconds - start.microseconds)
        }
        counts.cpuMicroseconds = try row["cpu_microseconds"] as Int64? ?? 0
        counts.peakMemoryBytes = try row["peak_memory_bytes"] as Int64? ?? 0
        let ended: Timestamp = try row["ended_at"]
        let job = DailyTally.JobKey(
            workflow: try row["workflow_id"], day: ended.day,
            path: JobExecution.keyPath(callPath: try row["call_path"], jobKey: try row["job_key"]),
            repository: try row["repository_id"])
        tally.add(DailyTally.StepKey(job: job, step: try row["context_name"]), name: try row["name"], counts)
    }

    /// By job and step, in the order of their names.
    static func dailySteps(_ filter: Filter) -> Select {
        narrowed(
            Select(
                "d.workflow_id", "d.job_path", "d.step", "max(d.name) AS name", sum("d.executed", as: "executed"),
                sum("d.failed", as: "failed"), sum("d.flaky", as: "flaky"),
                sum("d.run_microseconds", as: "run_microseconds"), sum("d.cpu_microseconds", as: "cpu_microseconds"),
                "max(d.peak_memory_bytes) AS peak_memory_bytes"
            )
            .from("actions_daily_steps AS d").join("actions_workflows AS w", on: "w.id = d.workflow_id"), filter
        ).groupBy("d.workflow_id", "d.job_path", "d.step").orderBy("d.workflow_id, d.job_path, d.step")
    }
}
