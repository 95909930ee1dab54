internal import QueryBuilder

extension ConsistencyCheck {
    /// Of the queue, claims and concurrency groups.
    static let queue: [ConsistencyCheck] = [
        ConsistencyCheck(
            "the queue holds the queued jobs",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN actions_job_queue q ON q.execution_id = e.id
            LEFT JOIN actions_delayed_jobs d ON d.execution_id = e.id
            WHERE (e.status = 'queued') <> (q.execution_id IS NOT NULL OR d.execution_id IS NOT NULL)
            OR (q.execution_id IS NOT NULL AND d.execution_id IS NOT NULL)
            """),
        ConsistencyCheck(
            "jobs have the priority of their run, and stand in its class of the queue",
            """
            SELECT e.id FROM actions_job_executions e JOIN actions_workflow_runs r ON r.id = e.workflow_run_id
            LEFT JOIN actions_job_queue q ON q.execution_id = e.id
            WHERE e.conclusion IS NULL AND (e.priority <> r.priority
            OR q.rank < -e.priority * 1099511627776 OR q.rank >= (1 - e.priority) * 1099511627776)
            """),
        ConsistencyCheck(
            "runners hold at most as many jobs as they may at once",
            """
            SELECT r.id FROM actions_runners r JOIN actions_leases l ON l.runner_id = r.id
            WHERE r.lock_path IS NULL GROUP BY r.id, r.max_parallel_jobs HAVING count(*) > r.max_parallel_jobs
            """),
        ConsistencyCheck(
            "leases are of the jobs with steps in progress",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN actions_leases l ON l.execution_id = e.id
            WHERE (e.status = 'in_progress' AND e.kind = 'steps') <> (l.execution_id IS NOT NULL)
            """),
        ConsistencyCheck(
            "a lease is of the newest assignment, which is open",
            """
            SELECT l.execution_id AS id FROM actions_leases l JOIN actions_job_assignments s ON s.id = l.assignment_id
            WHERE s.finished_at IS NOT NULL OR s.fencing_token <> l.fencing_token OR s.fencing_token <>
            (SELECT max(n.fencing_token) FROM actions_job_assignments n WHERE n.execution_id = l.execution_id)
            """),
        ConsistencyCheck(
            "an assignment without a lease is finished",
            """
            SELECT s.id FROM actions_job_assignments s LEFT JOIN actions_leases l ON l.assignment_id = s.id
            WHERE l.execution_id IS NULL AND s.finished_at IS NULL
            """),
        ConsistencyCheck(
            "an ended job holds a slot",
            """
            SELECT e.id FROM actions_concurrency_slots c JOIN actions_job_executions e ON e.id = c.execution_id
            WHERE e.conclusion IS NOT NULL
            """),
        ConsistencyCheck(
            "an ended run holds a slot",
            """
            SELECT r.id FROM actions_concurrency_slots c JOIN actions_workflow_runs r ON r.id = c.run_id
            WHERE c.execution_id IS NULL AND r.conclusion IS NOT NULL
            """),
        ConsistencyCheck(
            "somebody waits for a group that nobody holds",
            """
            SELECT c.id FROM actions_concurrency_slots c WHERE c.state = 'pending' AND NOT EXISTS
            (SELECT 1 FROM actions_concurrency_slots h WHERE h.repository_id = c.repository_id
            AND h.key_folded = c.key_folded AND h.state = 'running')
            """),
        ConsistencyCheck(
            "a job waits for its group exactly while its slot does",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN actions_concurrency_slots c ON c.execution_id = e.id
            WHERE (e.status = 'pending' AND coalesce(e.hold, '') = 'concurrency') <> (coalesce(c.state, '') = 'pending')
            """),
        ConsistencyCheck(
            "a job with a group goes on without its slot",
            """
            SELECT e.id FROM actions_job_executions e LEFT JOIN actions_concurrency_slots c ON c.execution_id = e.id
            WHERE e.concurrency_key IS NOT NULL AND e.status IN ('queued', 'in_progress')
            AND coalesce(c.state, '') <> 'running'
            """),
        ConsistencyCheck(
            "a run with a group goes on without its slot",
            """
            SELECT r.id FROM actions_workflow_runs r LEFT JOIN actions_concurrency_slots c
            ON c.run_id = r.id AND c.execution_id IS NULL
            WHERE r.concurrency_key IS NOT NULL AND r.conclusion IS NULL AND r.cancel_requested_at IS NULL
            AND (coalesce(c.state, '') <> CASE coalesce(r.hold, '') WHEN 'pending' THEN 'pending'
            WHEN 'waiting' THEN '' ELSE 'running' END)
            """),
    ]
}
