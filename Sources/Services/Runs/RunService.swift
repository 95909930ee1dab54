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

    /// Stores the workflow's version and a run of it with the next number, and queues the jobs that need no other:
    /// one transaction. Throws ``ServiceError`` or ``StorageError``.
    public func create(
        _ request: RunRequest, by principal: Principal
    ) async throws -> WorkflowRun {
        let services = services
        return try await services.transaction { db, changes in
            let version = try services.workflows.store(request.source, in: request.repository.id, on: db)
            var referenced: [(String, ExpressionValue)] = []
            for called in request.called {
                let stored = try services.workflows.store(called, in: request.repository.id, on: db)
                referenced.append(("./\(called.path)", .number(Double(stored.versionID))))
            }
            let id = try Self.insert(request, version, referenced: ExpressionObject(referenced), on: db)
            let scheduler = try changes.scheduler(
                id, services: services, by: principal, on: db)
            try scheduler.begin(request.source.workflow, on: db)
            try changes.drain(on: db)
            return try Self.run(id, on: db)
        }
    }

    private static func insert(
        _ request: RunRequest, _ version: StoredVersion, referenced: ExpressionObject,
        on db: isolated any StorageConnection
    ) throws -> RunID {
        let numbered = try db.first(
            Update("actions_workflows").set("next_run_number", sql: "next_run_number + 1")
                .where("id = \(version.workflowID)").returning("next_run_number - 1 AS run_number"))
        guard let number = try numbered?["run_number"] as Int64? else {
            throw ServiceError(.notFound, "workflow \(request.source.path)", "it is gone")
        }
        let eventID = try EventStore.insert(
            request.event, payload: request.payload, repository: request.repository.id, on: db)
        let name = request.source.workflow.name ?? request.source.path
        let id = try db.insert(
            Insert("actions_workflow_runs").values([
                "repository_id": request.repository.id, "workflow_id": version.workflowID,
                "version_id": version.versionID, "run_number": number, "event": request.event, "event_id": eventID,
                "inputs": request.inputs, "variables": request.variables, "selection": request.selection.json,
                "referenced_workflows": ExpressionValue.object(referenced).json(pretty: false),
                "name": name, "display_title": name, "head_branch": request.headBranch,
                "head_ref": request.headRef, "head_sha": request.headSHA, "dirty": request.isDirty,
                "actor": request.actor, "triggering_actor": request.actor, "status": RunStatus.queued,
                "created_at": .now,
            ]))
        try insertAttempt(1, of: ID(id), request.repository.id, actor: request.actor, runner: request.runner, on: db)
        return ID(id)
    }

    static func insertAttempt(
        _ number: Int64, of run: RunID, _ repository: RepositoryID, actor: String, runner: RunnerID?,
        on db: isolated any StorageConnection
    ) throws {
        let attempt = try db.insert(
            Insert("actions_run_attempts").values([
                "run_id": run, "attempt": number, "triggering_actor": actor, "status": RunStatus.queued,
                "created_at": .now,
            ]))
        try db.run(
            Insert("actions_live_runs").values([
                "run_id": run, "attempt_id": attempt, "repository_id": repository, "runner_id": runner,
            ]))
    }

    /// Asks the run to end. Jobs that wait end at once; those that run get their clean-up window.
    /// Returns the run as it is now: already terminal when nothing was running.
    @discardableResult
    public func cancel(
        _ id: RunID, reason: StatusReason = .cancelledByUser, by principal: Principal
    ) async throws -> WorkflowRun {
        let services = services
        return try await services.transaction { db, changes in
            let scheduler = try changes.scheduler(id, services: services, by: principal, on: db)
            if scheduler.run.status.isTerminal {
                throw ServiceError(.illegalTransition, "run \(id)", "it has ended already")
            }
            try scheduler.cancelRun(reason: reason, on: db)
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

    /// Publishes the live events of a run that another process ended, without those of jobs that were told already.
    public func tellEnd(of id: RunID, except told: Set<ExecutionID>) async throws {
        guard let summary = try await services.history.run(id), summary.run.status.isTerminal else { return }
        let jobs = try await services.history.jobs(of: id).filter { !told.contains($0.id) && $0.status.isTerminal }
        services.events.publish(
            jobs.map { .jobFinished($0, attempt: summary.run.latestAttempt) } + [.runFinished(summary.run)])
    }
}
