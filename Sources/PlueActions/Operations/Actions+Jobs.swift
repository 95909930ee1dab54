public import Model
internal import Services

extension Actions {
    /// Makes the jobs of a workflow, which may be a fragment without `on`, jobs of an open run; those that need no other
    /// are queued. All or none. Throws `conflict` when the run has one of them, `illegal_transition` when it has ended,
    /// `invalid_workflow` for a need that names no job.
    @discardableResult
    public func queueWorkflowJobs(
        _ run: WorkflowRunID, _ workflow: Workflow, by principal: Principal
    ) async throws -> [JobExecution] {
        try await Self.mapped(by: principal) {
            try await executions(try await services.queue.add(workflow.yamlContent, to: run, by: principal))
        }
    }

    /// Makes one job a job of an open run. Its needs may name jobs that the run has. A job with a matrix is one
    /// execution a leg, or one until its matrix can be evaluated. Throws as ``queueWorkflowJobs(_:_:by:)``.
    @discardableResult
    public func queueJob(
        _ run: WorkflowRunID, _ job: Job, _ requirements: JobRequirements = JobRequirements(),
        by principal: Principal
    ) async throws -> [JobExecution] {
        let text = Workflow.text(name: nil, triggers: [], jobs: [(job.id, job.json(requirements))])
        return try await Self.mapped(by: principal) {
            try await executions(try await services.queue.add(text, to: run, by: principal))
        }
    }

    /// All executions of the run's latest attempt that have not started: pending ones, which wait for others, and queued
    /// ones. Throws `not_found`.
    public func getQueuedJobs(_ run: WorkflowRunID, by principal: Principal) async throws -> [JobExecution] {
        try await Self.mapped(by: principal) {
            try await executions(try await services.queue.waiting(of: run, by: principal))
        }
    }

    /// All executions of an attempt (nil: the latest), in the order in which they were made. Throws `not_found`.
    public func getJobExecutions(
        _ run: WorkflowRunID, attempt: Int64? = nil, by principal: Principal
    ) async throws -> [JobExecution] {
        try await mapped(.runRead, .run(run), by: principal) {
            guard try await services.history.run(run) != nil else {
                throw ActionsError(.notFound, "run \(run)", "there is no such run")
            }
            return try await executions(try await services.history.jobs(of: run, attempt: attempt))
        }
    }

    /// One execution with the end of its log. Throws `not_found`.
    public func getJobExecution(_ id: JobExecutionID, by principal: Principal) async throws -> JobExecution {
        try await Self.mapped(by: principal) {
            let (job, runner) = try await services.history.job(id, by: principal)
            let lines = try await services.logs.tail(id, count: 1000)
            return JobExecution(job, runner: runner, logs: lines.map { $0.text + "\n" }.joined())
        }
    }

    /// Moves a job on. To `in_progress` it is a claim by that runner, whose labels, scope and room are checked, and
    /// returns the token; then to `completed` or `failed`; to `cancelled` from any state that is not terminal. Otherwise
    /// the token is nil.
    ///
    /// Throws `illegal_transition` for any other change, `conflict` when the runner cannot take the job or does not hold
    /// it, `not_found`.
    @discardableResult
    public func updateJobStatus(
        _ id: JobExecutionID, _ status: JobStatus, runner: RunnerID? = nil, by principal: Principal
    ) async throws -> JobToken? {
        try await Self.mapped(by: principal) {
            let result = try await services.queue.update(id, to: status, runner: runner, by: principal)
            return result.claim.map {
                JobToken(executionID: $0.assignment.executionID, fencingToken: $0.assignment.fencingToken)
            }
        }
    }

    /// Takes up to `limit` waiting jobs that the runner can execute, the highest rank first. Throws `not_found`, or
    /// `conflict` while the runner is offline.
    public func claimJobs(_ runner: RunnerID, limit: Int = 1, by principal: Principal) async throws -> [ClaimedJob] {
        try await Self.mapped(by: principal) {
            try await services.queue.claim(runner, limit: limit, by: principal).map {
                ClaimedJob($0, runner: runner)
            }
        }
    }

    /// Every runner and how it stands to a job: those that could take it now first, the least loaded before the others.
    public func getCandidates(
        for id: JobExecutionID, by principal: Principal
    ) async throws -> [RunnerCandidate] {
        try await Self.mapped(by: principal) {
            try await services.queue.candidates(for: id, by: principal).map { RunnerCandidate($0) }
        }
    }

    /// Ends a job as its runner saw it, and releases what waited for it. Throws `stale_assignment`.
    @discardableResult
    public func completeJob(
        _ token: JobToken, _ conclusion: JobConclusion, outputs: [String: String] = [:], message: String? = nil,
        by principal: Principal
    ) async throws -> JobExecution {
        try await Self.mapped(by: principal) {
            try await services.runners.complete(
                token, conclusion, message: message,
                outputs: outputs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, by: principal)
            // What has ended does not change any more.
            let (job, runner) = try await services.history.job(token.executionID, by: .system)
            return JobExecution(job, runner: runner)
        }
    }

    private func executions(_ jobs: [Model.JobExecution]) async throws -> [JobExecution] {
        let runners = try await services.history.runners(of: jobs.map(\.id))
        return jobs.map { JobExecution($0, runner: runners[$0.id]) }
    }
}
