internal import QueryBuilder

extension ConsistencyCheck {
    /// Of definitions, schedules, logs, steps, roles and the audit log.
    static let records: [ConsistencyCheck] = [
        ConsistencyCheck(
            "a schedule is not of its workflow's current version",
            """
            SELECT s.id FROM actions_schedules s JOIN actions_workflows w ON w.id = s.workflow_id
            WHERE s.version_id <> w.current_version_id
            """),
        ConsistencyCheck(
            "a schedule is due whose workflow cannot run",
            """
            SELECT s.id FROM actions_schedules s JOIN actions_workflows w ON w.id = s.workflow_id
            JOIN actions_repositories p ON p.id = s.repository_id
            WHERE s.next_due_at IS NOT NULL AND (w.state <> 'active' OR p.archived)
            """),
        ConsistencyCheck(
            "a run number is higher than those that were given",
            """
            SELECT r.id FROM actions_workflow_runs r JOIN actions_workflows w ON w.id = r.workflow_id
            WHERE r.run_number >= w.next_run_number
            """),
        ConsistencyCheck(
            "a workflow's current version is another workflow's",
            """
            SELECT w.id FROM actions_workflows w JOIN actions_workflow_versions v ON v.id = w.current_version_id
            WHERE v.workflow_id <> w.id
            """),
        ConsistencyCheck(
            "a job is of another repository than its run",
            """
            SELECT e.id FROM actions_job_executions e JOIN actions_workflow_runs r ON r.id = e.workflow_run_id
            WHERE e.repository_id <> r.repository_id
            """),
        ConsistencyCheck(
            "a need is of another attempt",
            """
            SELECT n.execution_id AS id FROM actions_execution_needs n
            JOIN actions_job_executions a ON a.id = n.needs_execution_id
            JOIN actions_job_executions b ON b.id = n.execution_id WHERE a.attempt_id <> b.attempt_id
            """),
        ConsistencyCheck(
            "a log has two lines of one number",
            """
            SELECT x.assignment_id AS id FROM (SELECT assignment_id, first_line,
            lag(first_line + line_count) OVER (PARTITION BY assignment_id ORDER BY seq) AS expected
            FROM actions_log_chunks) AS x WHERE x.first_line < x.expected
            """),
        ConsistencyCheck(
            "a runner and its group belong to different owners",
            """
            SELECT r.id FROM actions_runners r JOIN actions_runner_groups g ON g.id = r.runner_group_id
            WHERE r.repository_id IS NOT NULL OR coalesce(r.organization_id, -1) <> coalesce(g.organization_id, -1)
            """),
        ConsistencyCheck(
            "somebody has a role, and nobody is administrator",
            """
            SELECT g.id FROM actions_role_grants g WHERE NOT EXISTS (SELECT 1 FROM actions_role_grants a
            WHERE a.repository_id IS NULL AND a.organization_id IS NULL AND a.role = 'admin')
            """),
        ConsistencyCheck(
            "an audit row has no body",
            """
            SELECT l.id FROM actions_audit_log l LEFT JOIN actions_audit_bodies b
            ON b.audit_id = l.id AND b.month = l.month WHERE b.audit_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM actions_audit_prunings p WHERE p.month = l.month)
            """),
        ConsistencyCheck(
            "a leaf of the audit log has no row",
            """
            SELECT v.audit_id AS id FROM actions_audit_leaves v LEFT JOIN actions_audit_log l ON l.id = v.audit_id
            WHERE l.id IS NULL
            """),
    ]
}
