public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension QueueService {
    /// Moves a job on. To `in_progress` it is a claim by `runner` and returns what the runner needs; then to `completed`
    /// or `failed`; to `cancelled` from any state that is not terminal. `runner`, where it is given, must be the one that
    /// holds the job.
    ///
    /// Throws ``ServiceError`` `illegal_transition` for any other change, `conflict` when the runner cannot take the job.
    public func update(
        _ id: ExecutionID, to status: JobStatus, runner: RunnerID?, by principal: Principal
    ) async throws -> (execution: JobExecution, claim: JobMessage?) {
        try await services.access.check(status == .cancelled ? .runCancel : .runnerWork, .job(id), by: principal)
        let services = services
        let result = try await services.transaction { db, changes in
            // The order in which every claim locks: the runner, then the run.
            let taker = try runner.map { try RunnerRows.locked($0, on: db) }
            let scheduler = try RunnerService.scheduler(of: id, services, changes, by: principal, on: db)
            let job = try scheduler.execution(id, on: db)
            let message = try scheduler.update(job, to: status, taker, on: db)
            if message == nil {
                try AuditLog.record(
                    AuditEntry(
                        status == .cancelled ? .jobCancel : .jobUpdate, .job, id.rawValue,
                        repository: job.repositoryID, before: [("status", .string(job.status.rawValue))],
                        after: [("status", .string(status.rawValue))]), by: principal, on: db)
            }
            try changes.drain(on: db)
            return (execution: try scheduler.execution(id, on: db), claim: message)
        }
        // It has failed, and stays so.
        if status == .inProgress, result.claim == nil {
            throw ServiceError(
                .conflict, "job \(id)", result.execution.statusMessage ?? "it could not be handed out")
        }
        return result
    }
}

extension RunScheduler {
    fileprivate func update(
        _ job: JobExecution, to status: JobStatus, _ taker: (runner: Runner, live: Int64)?,
        on db: isolated any StorageConnection
    ) throws -> JobMessage? {
        switch (job.status, status) {
        case (.queued, .inProgress): return try take(job, taker, on: db)
        case (.inProgress, .completed) where job.kind == .steps:
            try checkHolder(job, taker?.runner, on: db)
            try finish(job, .success, on: db)
        case (.inProgress, .failed) where job.kind == .steps:
            try checkHolder(job, taker?.runner, on: db)
            try finish(job, .failure, on: db)
        case (.inProgress, .cancelled) where job.kind == .steps:
            try checkHolder(job, taker?.runner, on: db)
            try finish(job, .cancelled, reason: .cancelledByUser, on: db)
        case (.pending, .cancelled):
            try finish(job, .cancelled, reason: .cancelledByUser, on: db)
        case (.queued, .cancelled), (.inProgress, .cancelled):
            try cancel(job, reason: .cancelledByUser, on: db)
        default:
            throw ServiceError(
                .illegalTransition, "job \(job.id)",
                "it cannot be moved from \(job.status.rawValue) to \(status.rawValue)")
        }
        return nil
    }

    private func take(
        _ job: JobExecution, _ taker: (runner: Runner, live: Int64)?, on db: isolated any StorageConnection
    ) throws -> JobMessage? {
        guard let (runner, live) = taker else {
            throw ServiceError(.invalidInput, "job \(job.id)", "a claim names its runner")
        }
        if let obstacle = try JobDemand(of: job.id, on: db).obstacle(runner, live: live) {
            throw ServiceError(
                .conflict, "job \(job.id)", "runner \(runner.id) cannot take it: \(obstacle.explanation)")
        }
        if runner.lockPath == nil, let pause = try QueueService.pause(hitting: job.repositoryID, on: db) {
            throw ServiceError(.conflict, "job \(job.id)", "the queue is paused by \(pause.actor): \(pause.reason)")
        }
        let delayed = Select("execution_id").from("actions_delayed_jobs").where("execution_id = \(job.id)")
        guard try db.first(delayed) == nil else {
            throw ServiceError(.conflict, "job \(job.id)", "its retry is delayed: it is not in the queue yet")
        }
        let claimed = try JobClaim(principal: principal, changes: changes)
            .take(
                [JobClaim.Pick(execution: job.id, run: run.id)], for: [JobClaim.Seat(runner: runner)], finishing: false,
                on: db)
        guard let claimed = claimed.first else {
            throw ServiceError(.conflict, "job \(job.id)", "another runner takes it just now")
        }
        run = try RunService.run(run.id, on: db)
        let (messages, refused) = try ClaimMessages(services: services, principal: principal)
            .make(of: [claimed], changes, on: db)
        if let refused = refused.first {
            let claimed = try execution(job.id, on: db)
            try finish(claimed, .failure, reason: .setupFailed, message: refused.message, on: db)
        }
        return messages.first
    }

    private func checkHolder(
        _ job: JobExecution, _ runner: Runner?, on db: isolated any StorageConnection
    ) throws {
        guard let runner else { return }
        let lease = try db.first(
            Select("runner_id").from("actions_leases").where("execution_id = \(job.id)"))
        guard try lease?["runner_id"] as Int64? == runner.id.rawValue else {
            throw ServiceError(.conflict, "job \(job.id)", "runner \(runner.id) does not hold it")
        }
    }
}

extension RunnerMatch.Obstacle {
    /// For people.
    public var explanation: String {
        switch self {
        case .offline: "it is offline"
        case .paused(let reason): "it is paused: \(reason)"
        case .draining: "it drains"
        case .outOfScope: "it belongs to another repository or organization"
        case .groupExcludesPublic(let group): "its group \(group) does not take public repositories"
        case .groupExcludesRepository(let group): "its group \(group) does not take this repository"
        case .groupExcludesWorkflow(let group): "its group \(group) does not take this workflow"
        case .notInGroup(let group): "it is not in group \(group)"
        case .missingLabels(let labels): "it lacks the labels \(labels.joined(separator: ", "))"
        case .full: "it executes as many jobs as it can"
        case .bound: "the run belongs to the runner of a local run"
        }
    }
}
