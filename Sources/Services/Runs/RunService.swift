public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Makes runs, cancels them, runs them again.
public struct RunService: Sendable {
    let services: Services

    static func run(_ id: RunID, on db: isolated any StorageConnection) throws -> WorkflowRun {
        guard let row = try db.first(Select("*").from("actions_workflow_runs").where("id = \(id)")) else {
            throw ServiceError(.notFound, "run \(id)", "there is no such run")
        }
        return try WorkflowRun(row)
    }

    /// Stores the workflow's version and a run of it with the next number, and queues the jobs that need no other: one
    /// transaction, of two round trips when the version is known and no job needs a closer look. Throws
    /// ``ServiceError`` or ``StorageError``.
    public func create(
        _ request: RunRequest, by principal: Principal
    ) async throws -> WorkflowRun {
        let repository = AccessTarget.repository(request.repository.id)
        try await services.access.check(.runCreate, repository, by: principal)
        let services = services
        return try await refusing(.runCreate, repository, by: principal) {
            try await services.transaction { db, changes in
                try Self.create(request, services, changes, by: principal, on: db)
            }
        }
    }

    /// What a job may not start is refused with an audit row, once the transaction is undone.
    func refusing<R: Sendable>(
        _ action: AccessAction, _ target: AccessTarget, by principal: Principal, _ body: () async throws -> R
    ) async throws -> R {
        do {
            return try await body()
        } catch let refusal as JobDispatch.Refusal {
            try await services.access.deny(action, target, refusal.reason, by: principal)
        }
    }

    static func create(
        _ request: RunRequest, _ services: Services, _ changes: Changes, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws -> WorkflowRun {
        _ = try InputCheck.priority(request.priority)
        if principal.kind == .job { try JobDispatch.check(request, by: principal, on: db) }
        if request.source.workflow.concurrency != nil {
            try ConcurrencySlots.lockGroups(of: request.repository.id, changes, on: db)
        }
        let reserved = try RunReservation(request, services: services, changes, by: principal, on: db)
        let facts = try RunFacts(
            newRun(of: request, reserved), of: request, attemptID: reserved.attemptID,
            referenced: Dictionary(reserved.referenced) { $1 })
        let scheduler = RunScheduler(facts, services: services, by: principal, changes: changes)
        changes.add(scheduler)
        return try scheduler.begin(request, reserved, on: db)
    }

    /// A run that cannot start, with what is wrong: it has ended already, without a job.
    static func createFailed(
        _ request: RunRequest, _ errors: [Diagnostic], _ services: Services, _ changes: Changes,
        by principal: Principal, on db: isolated any StorageConnection
    ) throws -> WorkflowRun {
        let run = try create(request, services, changes, by: principal, on: db)
        try db.run(
            Update("actions_workflow_runs").set("diagnostics", .json(DiagnosticsJSON.text(errors)))
                .where("id = \(run.id)"))
        let scheduler = try changes.scheduler(run.id, services: services, by: principal, on: db)
        try scheduler.conclude(.startupFailure, reason: .invalidWorkflow, on: db)
        return scheduler.run
    }

    private static func newRun(of request: RunRequest, _ reserved: RunReservation) -> WorkflowRun {
        var run = WorkflowRun(
            id: reserved.runID, repositoryID: request.repository.id, workflowID: reserved.version.workflowID,
            versionID: reserved.version.versionID, runNumber: reserved.runNumber, event: request.event,
            name: request.source.workflow.name ?? request.source.path, headRef: request.headRef,
            headSHA: request.headSHA, actor: request.actor, createdAt: reserved.time)
        run.eventID = reserved.eventID
        run.inputs = request.inputs
        run.variables = reserved.variables
        run.headBranch = request.headBranch
        run.isDirty = request.isDirty
        run.actorID = request.actorID
        run.priority = request.priority
        return run
    }

    static func insertAttempt(
        _ number: Int64, of run: RunID, _ repository: RepositoryID, actor: String, by principal: Principal,
        runner: RunnerID?, on db: isolated any StorageConnection
    ) throws {
        let id = try RunScheduler.reserve(1, of: "actions_run_attempts", on: db)[0]
        try db.runAll(
            attempt(
                number, id: id, of: run, repository, actor: actor,
                requester: Requester.name(behind: actor, principal, on: db), runner: runner,
                at: RunScheduler.time(on: db)))
    }

    static func attempt(
        _ number: Int64, id: Int64, of run: RunID, _ repository: RepositoryID, actor: String, requester: String?,
        runner: RunnerID?, at time: Timestamp
    ) -> [any Query] {
        [
            Insert("actions_run_attempts").values([
                "id": id, "run_id": run, "attempt": number, "triggering_actor": actor,
                "requested_by": requester, "status": RunStatus.queued.rawValue, "created_at": time,
            ]),
            Insert("actions_live_runs").values([
                "run_id": run, "attempt_id": id, "repository_id": repository, "runner_id": runner,
            ]),
        ]
    }

    /// Asks the run to end. Jobs that wait end at once; those that run get their clean-up window.
    /// Returns the run as it is now: already terminal when nothing was running.
    @discardableResult
    public func cancel(
        _ id: RunID, reason: StatusReason = .cancelledByUser, atOnce: Bool = false, by principal: Principal
    ) async throws -> WorkflowRun {
        try await services.access.check(.runCancel, .run(id), by: principal)
        return try await end(id, reason: reason, atOnce: atOnce, by: principal)
    }

    /// For whom it was checked.
    func end(
        _ id: RunID, reason: StatusReason, atOnce: Bool = false, by principal: Principal
    ) async throws -> WorkflowRun {
        let services = services
        return try await services.transaction { db, changes in
            let scheduler = try changes.scheduler(id, services: services, by: principal, on: db)
            if scheduler.run.status.isTerminal {
                throw ServiceError(.illegalTransition, "run \(id)", "it has ended already")
            }
            if atOnce {
                try scheduler.cancelAtOnce(reason: reason, on: db)
            } else {
                try scheduler.cancelRun(reason: reason, on: db)
            }
            try AuditLog.record(
                AuditEntry(
                    .runCancel, .run, id.rawValue, repository: scheduler.run.repositoryID,
                    after: [("reason", .string(reason.rawValue)), ("at_once", .boolean(atOnce))]), by: principal, on: db
            )
            try changes.drain(on: db)
            return scheduler.run
        }
    }
}

extension RunService {
    /// Those of the runs that have not ended.
    public func open(among runs: Set<RunID>) async throws -> Set<RunID> {
        let ids = runs.map(\.rawValue)
        return try await services.backend.read { db in
            Set(
                try db.run(Select("run_id").from("actions_live_runs").where("run_id IN \(ids)")).map { row in
                    ID(try row["run_id"])
                })
        }
    }

    /// A wake whenever any run changes, by whatever process: a hint, as notifications may be lost.
    public func follow() -> AsyncStream<Void> {
        services.wakes.listen(to: services.backend)
        return services.wakes.followAll()
    }

    /// Publishes the live events of a run that another process ended, without those of jobs that were told already.
    public func tellEnd(of id: RunID, except told: Set<ExecutionID>) async throws {
        guard let summary = try await services.history.run(id), summary.run.status.isTerminal else { return }
        let jobs = try await services.history.jobs(of: id).filter { !told.contains($0.id) && $0.status.isTerminal }
        services.events.publish(
            jobs.map { .jobFinished($0, attempt: summary.run.latestAttempt) } + [.runFinished(summary.run)])
    }
}
