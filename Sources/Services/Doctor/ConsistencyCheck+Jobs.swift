internal import QueryBuilder

extension ConsistencyCheck {
    /// Of jobs, their needs, legs and calls.
    static let jobs: [ConsistencyCheck] = [
        ConsistencyCheck(
            "a job of an earlier attempt is open",
            """
            SELECT e.id FROM actions_job_executions e JOIN actions_run_attempts a ON a.id = e.attempt_id
            JOIN actions_workflow_runs r ON r.id = a.run_id
            WHERE a.attempt < r.latest_attempt AND e.conclusion IS NULL
            """),
        ConsistencyCheck(
            "pending_needs is the count of open needs",
            """
            SELECT e.id FROM actions_job_executions e WHERE e.pending_needs <>
            (SELECT count(*) FROM actions_execution_needs n JOIN actions_job_executions o ON o.id = n.needs_execution_id
            WHERE n.execution_id = e.id AND o.conclusion IS NULL)
            """),
        ConsistencyCheck(
            "a job went on before its needs ended",
            "SELECT id FROM actions_job_executions WHERE status IN ('queued', 'in_progress') AND pending_needs > 0"),
        ConsistencyCheck(
            "a pending job waits for nothing",
            "SELECT id FROM actions_job_executions WHERE status = 'pending' AND hold IS NULL"),
        ConsistencyCheck(
            "a gate is open exactly while its job waits for it",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN actions_gates g
            ON g.execution_id = e.id AND g.state = 'open'
            WHERE (e.hold IS NOT NULL AND e.hold = 'gate') <> (g.execution_id IS NOT NULL)
            """),
        ConsistencyCheck(
            "a job waits for needs that have ended",
            "SELECT id FROM actions_job_executions WHERE hold = 'needs' AND pending_needs = 0"),
        ConsistencyCheck(
            "max-parallel is exceeded",
            """
            SELECT min(e.id) AS id FROM actions_job_executions e WHERE e.status IN ('queued', 'in_progress')
            GROUP BY e.attempt_id, e.call_path, e.job_key HAVING count(*) > min(e.max_parallel)
            """),
        ConsistencyCheck(
            "a leg waits for max-parallel although there is room",
            """
            SELECT min(e.id) AS id FROM actions_job_executions e WHERE e.conclusion IS NULL
            GROUP BY e.attempt_id, e.call_path, e.job_key
            HAVING count(CASE WHEN e.hold = 'max_parallel' THEN 1 END) > 0 AND
            count(CASE WHEN e.status IN ('queued', 'in_progress') OR e.hold = 'concurrency' THEN 1 END)
            < min(e.max_parallel)
            """),
        ConsistencyCheck(
            "a call is in progress exactly while a job of it is open",
            """
            SELECT c.id FROM actions_job_executions c WHERE c.kind = 'call' AND (c.status = 'in_progress') <> EXISTS
            (SELECT 1 FROM actions_job_executions e WHERE e.parent_execution_id = c.id AND e.conclusion IS NULL)
            """),
        ConsistencyCheck(
            "legs number 0 to total",
            """
            SELECT min(id) AS id FROM actions_job_executions GROUP BY attempt_id, call_path, job_key
            HAVING count(*) <> max(matrix_total) OR max(matrix_index) <> count(*) - 1
            """),
        ConsistencyCheck(
            "a job has not one last transition",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN
            (SELECT object_id, count(*) AS n FROM actions_transitions WHERE object = 'job'
            AND to_state IN ('completed', 'failed', 'cancelled') GROUP BY object_id) t ON t.object_id = e.id
            WHERE e.source_execution_id IS NULL AND (e.conclusion IS NOT NULL) <> (coalesce(t.n, 0) = 1)
            """),
        ConsistencyCheck(
            "the last transition is not the state",
            """
            SELECT e.id FROM actions_job_executions e JOIN
            (SELECT object_id, max(id) AS id FROM actions_transitions WHERE object = 'job' GROUP BY object_id) n
            ON n.object_id = e.id JOIN actions_transitions t ON t.id = n.id WHERE t.to_state <> e.status
            """),
    ]
}
