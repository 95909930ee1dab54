import Storage

/// What holds between any two transactions: each query finds what breaks a rule, so none may find a row.
enum Invariants {
    static func broken(_ backend: any StorageBackend) async throws -> [String] {
        try await backend.read { db in
            var found: [String] = []
            for (rule, sql) in rules {
                let rows = try db.execute(Statement(sql: sql))
                if let first = rows.first { found.append("\(rule): \(try first["id"] as Int64) of \(rows.count)") }
            }
            return found
        }
    }

    private static let latest = """
        JOIN actions_run_attempts a ON a.id = e.attempt_id JOIN actions_workflow_runs r
        ON r.id = a.run_id AND r.latest_attempt = a.attempt
        """

    private static let rules: [(String, String)] = [
        (
            "a run that ended has an open job",
            "SELECT r.id FROM actions_job_executions e \(latest) WHERE r.conclusion IS NOT NULL AND e.conclusion IS NULL"
        ),
        (
            "a job of an earlier attempt is open",
            """
            SELECT e.id FROM actions_job_executions e JOIN actions_run_attempts a ON a.id = e.attempt_id
            JOIN actions_workflow_runs r ON r.id = a.run_id
            WHERE a.attempt < r.latest_attempt AND e.conclusion IS NULL
            """
        ),
        (
            "an open run has no open job",
            """
            SELECT r.id FROM actions_workflow_runs r WHERE r.conclusion IS NULL AND NOT EXISTS
            (SELECT 1 FROM actions_job_executions e WHERE e.workflow_run_id = r.id AND e.conclusion IS NULL)
            """
        ),
        (
            "live runs are the open ones",
            """
            SELECT r.id FROM actions_workflow_runs r LEFT JOIN actions_live_runs l ON l.run_id = r.id
            WHERE (r.conclusion IS NULL) <> (l.run_id IS NOT NULL)
            """
        ),
        (
            "the attempt says what the run says",
            """
            SELECT r.id FROM actions_workflow_runs r JOIN actions_run_attempts a
            ON a.run_id = r.id AND a.attempt = r.latest_attempt
            WHERE r.status <> a.status OR coalesce(r.conclusion, '') <> coalesce(a.conclusion, '')
            """
        ),
        (
            "a queued run has a job in progress",
            """
            SELECT e.id FROM actions_job_executions e JOIN actions_workflow_runs r ON r.id = e.workflow_run_id
            WHERE r.status = 'queued' AND e.status = 'in_progress'
            """
        ),
        (
            "the queue holds the queued jobs",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN actions_job_queue q ON q.execution_id = e.id
            WHERE (e.status = 'queued') <> (q.execution_id IS NOT NULL)
            """
        ),
        (
            "leases are of the jobs with steps in progress",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN actions_leases l ON l.execution_id = e.id
            WHERE (e.status = 'in_progress' AND e.kind = 'steps') <> (l.execution_id IS NOT NULL)
            """
        ),
        (
            "a lease is of the newest assignment, which is open",
            """
            SELECT l.execution_id AS id FROM actions_leases l JOIN actions_job_assignments s ON s.id = l.assignment_id
            WHERE s.finished_at IS NOT NULL OR s.fencing_token <> l.fencing_token OR s.fencing_token <>
            (SELECT max(n.fencing_token) FROM actions_job_assignments n WHERE n.execution_id = l.execution_id)
            """
        ),
        (
            "an assignment without a lease is finished",
            """
            SELECT s.id FROM actions_job_assignments s LEFT JOIN actions_leases l ON l.assignment_id = s.id
            WHERE l.execution_id IS NULL AND s.finished_at IS NULL
            """
        ),
        (
            "an ended job holds a slot",
            """
            SELECT e.id FROM actions_concurrency_slots c JOIN actions_job_executions e ON e.id = c.execution_id
            WHERE e.conclusion IS NOT NULL
            """
        ),
        (
            "an ended run holds a slot",
            """
            SELECT r.id FROM actions_concurrency_slots c JOIN actions_workflow_runs r ON r.id = c.run_id
            WHERE c.execution_id IS NULL AND r.conclusion IS NOT NULL
            """
        ),
        (
            "somebody waits for a group that nobody holds",
            """
            SELECT c.id FROM actions_concurrency_slots c WHERE c.state = 'pending' AND NOT EXISTS
            (SELECT 1 FROM actions_concurrency_slots h WHERE h.repository_id = c.repository_id
            AND h.key_folded = c.key_folded AND h.state = 'running')
            """
        ),
        (
            "a job waits for its group exactly while its slot does",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN actions_concurrency_slots c ON c.execution_id = e.id
            WHERE (e.status = 'pending' AND coalesce(e.hold, '') = 'concurrency') <> (coalesce(c.state, '') = 'pending')
            """
        ),
        (
            "a job with a group goes on without its slot",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN actions_concurrency_slots c ON c.execution_id = e.id
            WHERE e.concurrency_key IS NOT NULL AND e.status IN ('queued', 'in_progress')
            AND coalesce(c.state, '') <> 'running'
            """
        ),
        (
            "a run with a group goes on without its slot",
            """
            SELECT r.id FROM actions_workflow_runs r LEFT JOIN actions_concurrency_slots c
            ON c.run_id = r.id AND c.execution_id IS NULL
            WHERE r.concurrency_key IS NOT NULL AND r.conclusion IS NULL AND r.cancel_requested_at IS NULL
            AND (coalesce(c.state, '') <> CASE WHEN r.hold = 'pending' THEN 'pending' ELSE 'running' END)
            """
        ),
        (
            "pending_needs is the count of open needs",
            """
            SELECT e.id FROM actions_job_executions e WHERE e.pending_needs <>
            (SELECT count(*) FROM actions_execution_needs n JOIN actions_job_executions o ON o.id = n.needs_execution_id
            WHERE n.execution_id = e.id AND o.conclusion IS NULL)
            """
        ),
        (
            "a job went on before its needs ended",
            "SELECT id FROM actions_job_executions WHERE status IN ('queued', 'in_progress') AND pending_needs > 0"
        ),
        (
            "a pending job waits for nothing",
            "SELECT id FROM actions_job_executions WHERE status = 'pending' AND hold IS NULL"
        ),
        (
            "a job waits for needs that have ended",
            "SELECT id FROM actions_job_executions WHERE hold = 'needs' AND pending_needs = 0"
        ),
        (
            "max-parallel is exceeded",
            """
            SELECT min(e.id) AS id FROM actions_job_executions e WHERE e.status IN ('queued', 'in_progress')
            GROUP BY e.attempt_id, e.call_path, e.job_key HAVING count(*) > min(e.max_parallel)
            """
        ),
        (
            "a leg waits for max-parallel although there is room",
            """
            SELECT min(e.id) AS id FROM actions_job_executions e WHERE e.conclusion IS NULL
            GROUP BY e.attempt_id, e.call_path, e.job_key
            HAVING sum(coalesce(e.hold, '') = 'max_parallel') > 0 AND
            sum(e.status IN ('queued', 'in_progress') OR coalesce(e.hold, '') = 'concurrency') < min(e.max_parallel)
            """
        ),
        (
            "a call is in progress exactly while a job of it is open",
            """
            SELECT c.id FROM actions_job_executions c WHERE c.kind = 'call' AND (c.status = 'in_progress') <> EXISTS
            (SELECT 1 FROM actions_job_executions e WHERE e.parent_execution_id = c.id AND e.conclusion IS NULL)
            """
        ),
        (
            "legs number 0 to total",
            """
            SELECT min(id) AS id FROM actions_job_executions GROUP BY attempt_id, call_path, job_key
            HAVING count(*) <> max(matrix_total) OR max(matrix_index) <> count(*) - 1
            """
        ),
        (
            "a job has not one last transition",
            """
            SELECT e.id FROM actions_job_executions e WHERE e.source_execution_id IS NULL AND
            (e.conclusion IS NOT NULL) <> (SELECT count(*) = 1 FROM actions_transitions t WHERE t.object = 'job'
            AND t.object_id = e.id AND t.to_state IN ('completed', 'failed', 'cancelled'))
            """
        ),
        (
            "the last transition is not the state",
            """
            SELECT e.id FROM actions_job_executions e JOIN actions_transitions t ON t.id =
            (SELECT max(n.id) FROM actions_transitions n WHERE n.object = 'job' AND n.object_id = e.id)
            WHERE t.to_state <> e.status
            """
        ),
        (
            "a run's last transition is not its state",
            """
            SELECT r.id FROM actions_workflow_runs r JOIN actions_transitions t ON t.id =
            (SELECT max(n.id) FROM actions_transitions n WHERE n.object = 'run' AND n.object_id = r.id)
            WHERE t.to_state <> r.status
            """
        ),
        (
            "a conclusion does not follow from the jobs",
            """
            SELECT x.id FROM (SELECT r.id, r.conclusion, r.cancel_requested_at AS asked,
            max(e.conclusion IN ('failure', 'startup_failure') AND e.continue_on_error = 0) AS failed,
            max(e.conclusion = 'cancelled') AS cancelled, min(e.conclusion = 'skipped') AS skipped
            FROM actions_job_executions e \(latest)
            WHERE r.conclusion IS NOT NULL AND e.parent_execution_id IS NULL
            AND coalesce(r.status_reason, '') <> 'runner_lost'
            GROUP BY r.id, r.conclusion, r.cancel_requested_at) AS x
            WHERE x.conclusion <> CASE WHEN x.asked IS NOT NULL THEN 'cancelled' WHEN x.failed THEN 'failure'
            WHEN x.cancelled THEN 'cancelled' WHEN x.skipped THEN 'skipped' ELSE 'success' END
            """
        ),
    ]
}
