public import Model
internal import Services

extension Actions {
    /// A run of the workflow's current version with the next number. Its jobs become executions and those that need no
    /// other are queued, in the same transaction; with `expanding` false they are queued by
    /// ``queueWorkflowJobs(_:_:by:)`` and ``queueJob(_:_:_:by:)``, and the run ends with the last of them.
    ///
    /// Throws `not_found`, `conflict` while the workflow is disabled, `invalid_input`.
    public func createWorkflowRun(
        _ request: WorkflowRunRequest, expanding: Bool = true, by principal: Principal
    ) async throws -> WorkflowRun {
        try await Self.mapped(by: principal) {
            WorkflowRun(try await services.runs.create(request.stored(expanding: expanding), by: principal))
        }
    }

    /// Throws `not_found`.
    public func getWorkflowRun(_ id: WorkflowRunID, by principal: Principal) async throws -> WorkflowRun {
        try await mapped(.runRead, .run(id), by: principal) {
            guard let summary = try await services.history.run(id) else {
                throw ActionsError(.notFound, "run \(id)", "there is no such run")
            }
            return WorkflowRun(summary.run)
        }
    }

    /// The newest first; a page has 1 to 1,000.
    public func listWorkflowRuns(
        _ filter: WorkflowRunFilter = WorkflowRunFilter(), after cursor: PageCursor<WorkflowRun>? = nil,
        limit: Int = 50, by principal: Principal
    ) async throws -> Page<WorkflowRun> {
        try await Self.mapped(by: principal) {
            try await services.history.page(
                filter.history, after: cursor.map { PageCursor($0.position) }, limit: limit, by: principal
            ).map { WorkflowRun($0.run) }
        }
    }

    /// Asks a run to end: what waits ends at once, what runs is told to stop. Throws `illegal_transition` for one that
    /// has ended.
    @discardableResult
    public func cancelWorkflowRun(_ id: WorkflowRunID, by principal: Principal) async throws -> WorkflowRun {
        try await Self.mapped(by: principal) { WorkflowRun(try await services.runs.cancel(id, by: principal)) }
    }

    /// A new attempt of a run that has ended, all of it or only what failed. Throws `illegal_transition`, `limit` after
    /// 50 attempts more, `conflict` when nothing is to run again.
    @discardableResult
    public func rerunWorkflowRun(
        _ id: WorkflowRunID, onlyFailed: Bool = false, by principal: Principal
    ) async throws -> WorkflowRun {
        try await Self.mapped(by: principal) {
            WorkflowRun(
                try await services.runs.rerun(
                    id, onlyFailed ? .failed : .all, runner: nil, actor: principal.actor, by: principal))
        }
    }

    /// The attempts of a run, the first one first. Throws `not_found`.
    public func getRunAttempts(_ run: WorkflowRunID, by principal: Principal) async throws -> [RunAttempt] {
        try await Self.mapped(by: principal) { try await services.history.attempts(of: run, by: principal) }
    }

    /// Changes of state of the run and its jobs after that sequence, the oldest first.
    public func getTransitions(
        _ run: WorkflowRunID, after sequence: Int64 = 0, limit: Int = 500, by principal: Principal
    ) async throws -> [RunTransition] {
        try await Self.mapped(by: principal) {
            try await services.history.transitions(of: run, after: sequence, limit: limit, by: principal)
        }
    }

    /// Every change of state after that sequence, once and in order: what is stored, then each as it is committed, by
    /// whatever process. Ends after the one with which the run ended; throws `not_found` when the run is no more.
    public func subscribe(
        to run: WorkflowRunID, after sequence: Int64 = 0, by principal: Principal
    ) -> AsyncThrowingStream<RunTransition, any Error> {
        let follower = services.history.follower(of: run, after: sequence, by: principal)
        return AsyncThrowingStream {
            try await Self.mapped(by: principal) { try await follower.next() }
        }
    }
}
