internal import Model
internal import QueryBuilder
internal import WorkflowSyntax

/// Whether the runners of a group may take a job: twice, for an explanation of facts and as a condition of claims. A test
/// compares them.
enum GroupAccess {
    /// Of an entry `q` of the queue. The group is read by the claim itself, so that a change of it holds for the next one.
    ///
    /// GitHub: only jobs that a selected file defines itself may run, not those of files that it calls; a called file
    /// of another repository is named as it is called.
    ///
    /// The list of `selected` is asked first, as a set that is read once: most of what waits may be of other repositories.
    static func condition(group: Term) -> SQL {
        """
        (q.repository_id IN (SELECT m.repository_id FROM actions_runner_group_repositories AS m WHERE m.group_id = \(group))
        OR EXISTS (SELECT 1 FROM actions_runner_groups AS o WHERE o.id = \(group) AND o.visibility <> 'selected'))
        AND EXISTS (SELECT 1 FROM actions_runner_groups AS g JOIN actions_repositories AS p ON p.id = q.repository_id
        WHERE g.id = \(group) AND (p.visibility <> 'public' OR (g.allows_public_repositories AND g.visibility <> 'private'))
        AND (NOT g.restricted_to_workflows OR EXISTS (SELECT 1 FROM actions_job_executions AS e
        JOIN actions_workflow_runs AS r ON r.id = e.workflow_run_id
        JOIN actions_jobs AS j ON j.id = e.job_id JOIN actions_workflow_versions AS v ON v.id = j.version_id
        JOIN actions_workflows AS w ON w.id = v.workflow_id
        JOIN actions_runner_group_workflows AS s ON s.group_id = g.id
        WHERE e.id = q.execution_id AND (w.filename = s.repository || '/' || s.path || '@' || s.ref
        OR (w.filename = s.path AND lower(s.repository) = lower(p.owner || '/' || p.name)
        AND (s.ref = r.head_ref OR s.ref = r.head_sha OR 'refs/heads/' || s.ref = r.head_ref
        OR 'refs/tags/' || s.ref = r.head_ref))))))
        """
    }

    /// The same, as the reason why not.
    static func obstacle(_ group: RunnerGroup, _ job: JobOrigin) -> RunnerMatch.Obstacle? {
        if job.isPublic, !group.allowsPublicRepositories || group.visibility == .private {
            return .groupExcludesPublic(group.name)
        }
        if group.visibility == .selected, !group.repositories.contains(job.repository) {
            return .groupExcludesRepository(group.name)
        }
        if group.restrictedToWorkflows, !group.selectedWorkflows.contains(where: { $0.defines(job) }) {
            return .groupExcludesWorkflow(group.name)
        }
        return nil
    }
}

extension SelectedWorkflow {
    /// Throws ``ServiceError`` `invalid_input`.
    init(_ text: String) throws {
        guard let reference = RemoteReference(file: text) else {
            throw ServiceError(
                .invalidInput, "workflow \(text)", "expected OWNER/NAME/.github/workflows/FILE@REF")
        }
        try InputCheck.name(text, "a workflow of a runner group")
        self.init(repository: reference.repository, path: reference.path, ref: reference.ref)
    }

    fileprivate func defines(_ job: JobOrigin) -> Bool {
        if job.file == text { return true }
        guard job.file == path, repository.lowercased() == job.fullName.lowercased() else { return false }
        return [ref, "refs/heads/\(ref)", "refs/tags/\(ref)"].contains(job.headRef) || ref == job.headSHA
    }
}
