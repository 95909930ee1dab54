internal import Model
internal import QueryBuilder
internal import Storage

/// Ends jobs from whose end nothing follows but a smaller count: others of their runs are still open, nobody waits for
/// them alone, they hold no group, no call and no place that another leg waits for. All in one statement where the
/// database takes that; whatever is not so plain is left as it is.
enum PlainEnd {
    private static let given = RowTable([
        ("execution_id", .integer), ("token", .integer), ("conclusion", .text), ("status", .text), ("reason", .text),
        ("message", .text), ("outputs", .text), ("failure_class", .text),
    ])

    /// What ends them. Their runs are locked by this transaction.
    static func call(
        _ completions: [Completion], by principal: Principal, _ dialect: Dialect
    ) throws -> PreparedUnit.Call {
        let rows = try given.value(
            completions.map { completion in
                let failure =
                    completion.conclusion.status == .failed ? FailureClass(completion.reason).rawValue : nil
                return [
                    .integer(completion.token.executionID.rawValue), .integer(completion.token.fencingToken),
                    .text(completion.conclusion.rawValue), .text(completion.conclusion.status.rawValue),
                    text(completion.reason?.rawValue), text(completion.message), .text(completion.outputs),
                    text(failure),
                ]
            }, for: dialect)
        return unit([rows, .text(principal.text)])
    }

    /// Those that ended, by the rows that ``call(_:by:_:)`` gave.
    static func ended(_ rows: Rows, of completions: [Completion], _ changes: Changes) throws -> Set<JobToken> {
        var ended: Set<JobToken> = []
        for row in rows {
            var job = try JobExecution(row)
            guard let completion = completions.first(where: { $0.token.executionID == job.id }) else { continue }
            // The row may be as it was before.
            job.status = completion.conclusion.status
            job.conclusion = completion.conclusion
            job.statusReason = try row["end_reason"]
            job.statusMessage = completion.message
            job.outputs = completion.outputs
            job.completedAt = try row["ended_at"]
            if job.status == .failed { job.failureClass = FailureClass(completion.reason) }
            ended.insert(completion.token)
            changes.changedRuns.insert(job.runID)
            changes.events.append(.jobFinished(job, attempt: try row["attempt"]))
        }
        return ended
    }

    private static func text(_ text: String?) -> Value { text.map { .text($0) } ?? .null }

    /// Arguments: the completions, the principal.
    private static let unit = PreparedUnit(arguments: 2) { arguments in
        // How many of the given jobs a job waits for.
        let counted = Select("count(*)").from("actions_execution_needs AS m")
            .join("given AS k", on: "k.execution_id = m.needs_execution_id").where("m.execution_id = d.id")
        // Probes, as a join or an EXISTS may read all of the table, with all that ended while somebody held a snapshot.
        let lease: SQL =
            "(SELECT l.assignment_id FROM actions_leases AS l WHERE l.execution_id = g.execution_id AND l.fencing_token = g.token)"
        let waiting = Select("n.execution_id").from("actions_execution_needs AS n")
            .where("n.needs_execution_id IN \(.keys(Select("job").from("gate")))")
        return Unit(
            "given",
            ["execution_id", "token", "conclusion", "status", "reason", "message", "outputs", "failure_class"],
            Select(
                "g.execution_id", "g.token", "g.conclusion", "g.status", "g.reason", "g.message", "g.outputs",
                "g.failure_class"
            ).from(given.sql("g", arguments[0]))
        )
        .then(
            "gate",
            [
                "job", "run_id", "assignment_id", "token", "conclusion", "status", "reason", "message", "outputs",
                "failure_class",
            ],
            Select(
                "e.id", "e.workflow_run_id", "\(lease)", "g.token", "g.conclusion", "g.status",
                "coalesce(g.reason, CASE WHEN g.conclusion = 'cancelled' THEN e.status_reason END)", "g.message",
                "g.outputs", "g.failure_class"
            )
            .from("given AS g")
            .lookUp("actions_job_executions", as: "e", on: "e.id = g.execution_id")
            .where("\(lease) IS NOT NULL").and("e.status = 'in_progress'").and("e.parent_execution_id IS NULL").and(
                "e.concurrency_key IS NULL"
            )
            .and(
                """
                (e.matrix_total = 1 OR e.max_parallel IS NULL
                AND (g.status <> 'failed' OR e.continue_on_error OR NOT e.fail_fast))
                """
            )
            // Where all that is open ends now, the last one is left: its end is the run's.
            .and(
                """
                (SELECT o.id FROM actions_job_executions AS o WHERE o.attempt_id = e.attempt_id
                AND o.conclusion IS NULL AND (o.id > e.id OR o.id NOT IN (SELECT execution_id FROM given))
                LIMIT 1) IS NOT NULL
                """
            )
            .and(
                """
                (SELECT d.id FROM actions_execution_needs AS n
                JOIN actions_job_executions AS d ON d.id = n.execution_id
                WHERE n.needs_execution_id = e.id AND d.pending_needs <= \(counted) LIMIT 1) IS NULL
                """
            )
        )
        .then(
            "counted", [],
            Update("actions_job_executions")
                .set(
                    "pending_needs",
                    sql: """
                        pending_needs - (SELECT count(*) FROM actions_execution_needs AS n
                        JOIN gate AS t ON t.job = n.needs_execution_id
                        WHERE n.execution_id = actions_job_executions.id)
                        """
                )
                .where("id IN \(.keys(waiting))").and("pending_needs > 0")
        )
        .then(
            "closed", [],
            Update("actions_job_assignments").set("finished_at", .clampedNow(after: "claimed_at"))
                .where("id IN \(.keys(Select("assignment_id").from("gate")))").and("finished_at IS NULL")
        )
        .then("released", [], Delete("actions_leases").where("execution_id IN \(.keys(Select("job").from("gate")))"))
        .then(
            "told", [],
            Insert("actions_transitions").select(
                ["run_id", "object", "object_id", "from_state", "to_state", "reason", "actor", "created_at"],
                Select(
                    "t.run_id", "'job'", "t.job", "'in_progress'", "t.status", "t.reason", "\(arguments[1])", "\(.now)"
                ).from("gate AS t"))
        )
        .then(
            "ended", ["id", "completed_at", "reason"],
            Update("actions_job_executions").set("status", sql: "t.status").set("conclusion", sql: "t.conclusion")
                .set("hold", nil as JobHold?).set("status_reason", sql: "t.reason")
                .set("status_message", sql: "t.message").set("outputs", sql: "t.outputs\(.jsonCast)")
                .set("failure_class", sql: "t.failure_class")
                .set("completed_at", .clampedNow(after: "coalesce(started_at, queued_at, created_at)"))
                // By their keys too: of all jobs so few are in progress that the planner looks for these first.
                .from("gate AS t").where("id = t.job").and("id IN \(.keys(Select("job").from("gate")))")
                .and("actions_job_executions.status = 'in_progress'")
                .returning("id", "completed_at", "status_reason")
        )
        .last(
            Select("e.*", "j.version_id", "d.completed_at AS ended_at", "d.reason AS end_reason", "a.attempt")
                .from("ended AS d").join("actions_job_executions AS e", on: "e.id = d.id")
                .join("actions_jobs AS j", on: "j.id = e.job_id")
                .join("actions_run_attempts AS a", on: "a.id = e.attempt_id"))
    }
}
