extension ScaleData {
    /// What stands around runs and jobs, a row or more each.
    func surroundings(_ words: ScaleDialect, month: Int64) -> [String] {
        let (at, second, third) = (words.time("0"), words.time("1"), words.time("2"))
        let ended = "FROM actions_job_executions WHERE status = 'completed'"
        return [
            "INSERT INTO actions_execution_needs (needs_execution_id, execution_id) SELECT id - 1, id"
                + " FROM actions_job_executions WHERE (id - 1) % \(jobs) > 0",
            "INSERT INTO actions_runners (id, uuid, name, status, os, arch, version, created_at) SELECT i, 'uuid-' || i,"
                + " 'runner-' || i, 'online', 'linux', 'x64', '1', \(at) FROM \(words.series(2000))",
            "INSERT INTO actions_runner_heartbeats (runner_id, last_seen) SELECT id, created_at FROM actions_runners",
            "INSERT INTO actions_runner_labels (runner_id, label, kind) SELECT r.id, 'label-' || i, 'custom'"
                + " FROM actions_runners AS r CROSS JOIN \(words.series(5))",
            "INSERT INTO actions_job_assignments (id, execution_id, repository_id, runner_id, runner_name, fencing_token,"
                + " log_month, claimed_at, finished_at) SELECT id, id, repository_id, id % 2000 + 1, 'runner', 1, \(month),"
                + " started_at, completed_at \(ended)",
            "INSERT INTO actions_steps (assignment_id, number, name, context_name, status, outcome, conclusion,"
                + " started_at, completed_at) SELECT id, 1, 'step', 'step', 'completed', 'success', 'success', \(second),"
                + " \(third) \(ended)",
            "INSERT INTO actions_annotations (assignment_id, step_number, level, message, created_at) SELECT id, 1,"
                + " 'warning', 'look', \(third) \(ended) AND id % 10 = 0",
            "INSERT INTO actions_transitions (run_id, object, object_id, from_state, to_state, actor, created_at)"
                + " SELECT workflow_run_id, 'job', id, 'pending', 'queued', 'octocat', \(at) FROM actions_job_executions",
            "INSERT INTO actions_audit_log (id, created_at, action, operation, actor_kind, actor, object_kind, object_id,"
                + " repository_id, month) SELECT id, created_at, 'run.create', 'create', 'user', actor, 'run',"
                + " id || '', repository_id, \(month) FROM actions_workflow_runs",
            "INSERT INTO actions_audit_bodies (month, audit_id, body) SELECT month, id, '{}' FROM actions_audit_log",
            "INSERT INTO actions_encryption_keys (term, wrapped, state, created_at) SELECT 1, wrapped, 'readable', \(at)"
                + " FROM (SELECT \(words.logLines(1)) AS wrapped) AS k",
            "INSERT INTO actions_secrets (id, repository_id, name, created_at, updated_at) SELECT i,"
                + " (i - 1) % \(Self.repositories) + 1, 'SECRET_' || i, \(at), \(at) FROM \(words.series(20_000))",
            "INSERT INTO actions_secret_versions (secret_id, version, key_term, record, created_at) SELECT id, 1, 1,"
                + " \(words.logLines(1)), created_at FROM actions_secrets",
        ]
    }
}
