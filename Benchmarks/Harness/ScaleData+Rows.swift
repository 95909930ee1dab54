extension ScaleData {
    /// Repositories, workflows, a version of each, its jobs.
    func definitions(_ words: ScaleDialect) -> [String] {
        let (w, all) = (Self.workflows, Self.repositories * Self.workflows)
        let at = words.time("0")
        return [
            "INSERT INTO actions_label_sets (id, sha256, labels, created_at) SELECT i, \(words.digits("i", 64)),"
                + " '[\"self-hosted\"]', \(at) FROM \(words.series(50))",
            "INSERT INTO actions_repositories (id, location, owner, name, created_at, updated_at) SELECT i, '/r/' || i,"
                + " 'octo', 'r' || i, \(at), \(at) FROM \(words.series(Self.repositories))",
            "INSERT INTO actions_workflows (id, repository_id, filename, name, next_run_number, created_at, updated_at)"
                + " SELECT i, (i - 1) / \(w) + 1, '.github/workflows/w' || ((i - 1) % \(w)) || '.yml', 'w' || i,"
                + " \(runs + 10), \(at), \(at) FROM \(words.series(all))",
            "INSERT INTO actions_workflow_versions (id, workflow_id, content_sha256, yaml_content, created_at)"
                + " SELECT i, i, \(words.digits("i", 64)), 'on: push', \(at) FROM \(words.series(all))",
            "UPDATE actions_workflows SET current_version_id = id",
            "INSERT INTO actions_jobs (id, version_id, repository_id, job_key, position, kind, if_condition, definition)"
                + " SELECT i, (i - 1) / \(jobs) + 1, ((i - 1) / \(jobs)) / \(w) + 1, 'j' || ((i - 1) % \(jobs)),"
                + " (i - 1) % \(jobs), 'steps', 'success()', '{}' FROM \(words.series(all * jobs))",
        ]
    }

    /// Runs, attempts, executions; those that have not ended stand in the queue.
    func history(_ words: ScaleDialect) -> [String] {
        let version =
            "(((i - 1) % \(Self.repositories)) * \(Self.workflows) + (i - 1) / \(Self.repositories) % \(Self.workflows) + 1)"
        let isOpen = "(i > \(runs - open))"
        // Of execution `i`, as the runs of above.
        let run = "((i - 1) / \(jobs) + 1)"
        let of = version.replacing("(i - 1)", with: "(\(run) - 1)")
        let isOpenJob = "(i > \((runs - open) * jobs))"
        let at = words.time("0")
        let (second, third) = (words.time("1"), words.time("2"))
        return [
            "INSERT INTO actions_workflow_runs (id, repository_id, workflow_id, version_id, run_number, event, name,"
                + " display_title, head_branch, head_ref, head_sha, actor, triggering_actor, status, conclusion,"
                + " created_at, started_at, completed_at) SELECT i, (i - 1) % \(Self.repositories) + 1, \(version),"
                + " \(version), i, CASE WHEN i % 7 = 0 THEN 'pull_request' ELSE 'push' END, 'w', 'a commit',"
                + " CASE WHEN i / 100 % 5 = 0 THEN 'topic' ELSE 'main' END, 'refs/heads/main', \(words.digits("i", 40)), 'octocat',"
                + " 'octocat', CASE WHEN \(isOpen) THEN 'in_progress' ELSE 'completed' END,"
                + " CASE WHEN \(isOpen) THEN NULL WHEN i % 11 = 0 THEN 'failure' ELSE 'success' END, \(at), \(second),"
                + " CASE WHEN \(isOpen) THEN NULL ELSE \(third) END FROM \(words.series(runs))",
            "INSERT INTO actions_run_attempts (id, run_id, attempt, triggering_actor, status, conclusion, created_at,"
                + " run_started_at, completed_at) SELECT id, id, 1, actor, status, conclusion, created_at, started_at,"
                + " completed_at FROM actions_workflow_runs",
            "INSERT INTO actions_live_runs (run_id, attempt_id, repository_id) SELECT id, id, repository_id"
                + " FROM actions_workflow_runs WHERE status = 'in_progress'",
            "INSERT INTO actions_job_executions (id, repository_id, workflow_run_id, attempt_id, job_id, job_key, kind,"
                + " name, label_set_id, status, conclusion, created_at, queued_at, started_at, completed_at)"
                + " SELECT i, (\(run) - 1) % \(Self.repositories) + 1, \(run), \(run),"
                + " (\(of) - 1) * \(jobs) + (i - 1) % \(jobs) + 1, 'j' || ((i - 1) % \(jobs)), 'steps', 'job', i % 50 + 1,"
                + " CASE WHEN \(isOpenJob) THEN 'queued' ELSE 'completed' END,"
                + " CASE WHEN \(isOpenJob) THEN NULL ELSE 'success' END, \(at), \(at),"
                + " CASE WHEN \(isOpenJob) THEN NULL ELSE \(second) END,"
                + " CASE WHEN \(isOpenJob) THEN NULL ELSE \(third) END FROM \(words.series(executions))",
            "INSERT INTO actions_job_queue (label_set_id, rank, execution_id, workflow_run_id, repository_id, queued_at)"
                + " SELECT label_set_id, 0, id, workflow_run_id, repository_id, queued_at FROM actions_job_executions"
                + " WHERE id > \((runs - open) * jobs)",
        ]
    }

    /// One run with 256 jobs, the first of which has a long log.
    func wide(_ words: ScaleDialect, month: Int64, chunkColumns: [String]) -> [String] {
        let (run, first) = (wideRun, longLog)
        let (at, second, third) = (words.time("0"), words.time("1"), words.time("2"))
        return [
            "INSERT INTO actions_workflow_runs (id, repository_id, workflow_id, version_id, run_number, event, name,"
                + " display_title, head_branch, head_ref, head_sha, actor, triggering_actor, status, conclusion,"
                + " created_at, started_at, completed_at) SELECT \(run), 1, 1, 1, \(run), 'push', 'wide', 'wide', 'main',"
                + " 'refs/heads/main', \(words.digits("\(run)", 40)), 'octocat', 'octocat', 'completed', 'success', \(at),"
                + " \(second), \(third)",
            "INSERT INTO actions_run_attempts (id, run_id, attempt, triggering_actor, status, conclusion, created_at,"
                + " run_started_at, completed_at) SELECT \(run), \(run), 1, 'octocat', 'completed', 'success', \(at),"
                + " \(second), \(third)",
            "INSERT INTO actions_job_executions (id, repository_id, workflow_run_id, attempt_id, job_id, job_key, kind,"
                + " name, matrix_index, matrix_total, label_set_id, status, conclusion, created_at, queued_at, started_at,"
                + " completed_at) SELECT \(first) + i - 1, 1, \(run), \(run), 1, 'wide', 'steps', 'wide (' || i || ')', i - 1,"
                + " 256, 1, 'completed', 'success', \(at), \(at), \(second), \(third) FROM \(words.series(256))",
            "INSERT INTO actions_job_assignments (id, execution_id, repository_id, runner_name, fencing_token, log_month,"
                + " claimed_at, finished_at) SELECT \(first) + i - 1, \(first) + i - 1, 1, 'one', 1, \(month), \(second),"
                + " \(third) FROM \(words.series(256))",
            "INSERT INTO actions_steps (assignment_id, number, name, context_name, status, outcome, conclusion,"
                + " started_at, completed_at) SELECT \(first), i, 'step', 'step', 'completed', 'success', 'success',"
                + " \(second), \(third) FROM \(words.series(20))",
            chunks(
                of: "\(first)", words, month: month, chunkColumns: chunkColumns, count: lines,
                from: words.series(max(1, lines / 100))),
        ]
    }
}
