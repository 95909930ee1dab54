internal import QueryBuilder

extension ConsistencyCheck {
    /// Joins a job `e` with its run, when it is of the latest attempt.
    private static let latest: SQL = """
        JOIN actions_run_attempts a ON a.id = e.attempt_id JOIN actions_workflow_runs r
        ON r.id = a.run_id AND r.latest_attempt = a.attempt
        """

    /// Of runs and their attempts.
    static let runs: [ConsistencyCheck] = [
        ConsistencyCheck(
            "a run that ended has an open job",
            "SELECT r.id FROM actions_job_executions e \(latest) WHERE r.conclusion IS NOT NULL AND e.conclusion IS NULL"
        ),
        ConsistencyCheck(
            "an open run has jobs, but none is open",
            """
            SELECT r.id FROM actions_workflow_runs r WHERE r.conclusion IS NULL AND NOT EXISTS
            (SELECT 1 FROM actions_job_executions e WHERE e.workflow_run_id = r.id AND e.conclusion IS NULL)
            AND EXISTS (SELECT 1 FROM actions_job_executions e WHERE e.workflow_run_id = r.id)
            """),
        ConsistencyCheck(
            "live runs are the open ones",
            """
            SELECT r.id FROM actions_workflow_runs r LEFT JOIN actions_live_runs l ON l.run_id = r.id
            WHERE (r.conclusion IS NULL) <> (l.run_id IS NOT NULL)
            """),
        ConsistencyCheck(
            "the attempt says what the run says",
            """
            SELECT r.id FROM actions_workflow_runs r JOIN actions_run_attempts a
            ON a.run_id = r.id AND a.attempt = r.latest_attempt
            WHERE r.status <> a.status OR coalesce(r.conclusion, '') <> coalesce(a.conclusion, '')
            """),
        ConsistencyCheck(
            "a queued run has a job in progress",
            """
            SELECT e.id FROM actions_job_executions e JOIN actions_workflow_runs r ON r.id = e.workflow_run_id
            WHERE r.status = 'queued' AND e.status = 'in_progress'
            """),
        ConsistencyCheck(
            "a run's last transition is not its state",
            """
            SELECT r.id FROM actions_workflow_runs r JOIN
            (SELECT object_id, max(id) AS id FROM actions_transitions WHERE object = 'run' GROUP BY object_id) n
            ON n.object_id = r.id JOIN actions_transitions t ON t.id = n.id WHERE t.to_state <> r.status
            """),
        ConsistencyCheck(
            "a conclusion does not follow from the jobs",
            """
            SELECT x.id FROM (SELECT r.id, r.conclusion, r.cancel_requested_at AS asked,
            count(CASE WHEN e.conclusion IN ('failure', 'startup_failure') AND NOT e.continue_on_error THEN 1 END) AS failed,
            count(CASE WHEN e.conclusion = 'cancelled' THEN 1 END) AS cancelled,
            count(CASE WHEN e.conclusion <> 'skipped' THEN 1 END) AS others
            FROM actions_job_executions e \(latest)
            WHERE r.conclusion IS NOT NULL AND e.parent_execution_id IS NULL
            AND coalesce(r.status_reason, '') <> 'runner_lost'
            GROUP BY r.id, r.conclusion, r.cancel_requested_at) AS x
            WHERE x.conclusion <> CASE WHEN x.asked IS NOT NULL THEN 'cancelled' WHEN x.failed > 0 THEN 'failure'
            WHEN x.cancelled > 0 THEN 'cancelled' WHEN x.others = 0 THEN 'skipped' ELSE 'success' END
            """),
    ]
}
