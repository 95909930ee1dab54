public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Runners and what they report.
public struct RunnerService: Sendable {
    let services: Services

    /// A runner that lives as long as its process holds a lock on `lockPath` of that host: it is online at once. `labels` are those
    /// that it takes beside the ones that mean its host anyway.
    public func registerLocal(
        uuid: String, name: String, lockPath: String, lockHost: String, repository: RepositoryID, os: String,
        arch: String,
        version: String, maxParallelJobs: Int, labels: [String] = [], by principal: Principal
    ) async throws -> Runner {
        try await services.access.check(.runExecute, .repository(repository), by: principal)
        let labels = Set(labels.map { $0.lowercased() }).sorted()
        return try await services.backend.transaction { db in
            let runner = try Runner(
                try db.one(
                    Insert("actions_runners").values([
                        "uuid": uuid, "name": name, "repository_id": repository, "status": Runner.Status.online,
                        "ephemeral": true, "lock_path": lockPath, "lock_host": lockHost, "os": os, "arch": arch,
                        "version": version,
                        "max_parallel_jobs": maxParallelJobs, "created_at": .now,
                    ]).returning("*")))
            let rows: [[any Bindable]] = labels.map { [runner.id, $0, "custom"] }
            try db.run(Insert("actions_runner_labels").rows(["runner_id", "label", "kind"], rows))
            return runner
        }
    }

    /// The runner is done: it takes no more jobs, and what it leaves open ends as lost.
    public func unregister(_ id: RunnerID, by principal: Principal) async throws {
        try await services.access.checkOwn(id, by: principal)
        try await remove(id, by: principal)
    }

    /// Local runners of that host that have a live run, or were not unregistered: only there can be seen whether they live.
    public func localRunners(host: String) async throws -> [Runner] {
        try await services.backend.read { db in
            try db.run(Select("*").from("actions_runners").where("lock_host = \(host)")).map { row in
                try Runner(row)
            }
        }
    }

    /// Ends the runs that only that runner could execute, and removes it: its process is gone.
    public func endLost(_ runner: Runner, by principal: Principal) async throws {
        try await services.access.checkOwn(runner.id, by: principal)
        try await remove(runner.id, by: principal)
    }

    /// As ``unregister(_:by:)``; throws ``ServiceError`` `not_found` when there is no such runner.
    public func unregisterKnown(_ id: RunnerID, by principal: Principal) async throws {
        try await services.access.checkOwn(id, by: principal)
        guard try await remove(id, by: principal) else {
            throw ServiceError(.notFound, "runner \(id)", "there is no such runner")
        }
    }

    /// False when there is no such runner.
    @discardableResult
    private func remove(_ id: RunnerID, by principal: Principal) async throws -> Bool {
        let services = services
        return try await services.transaction { db, changes in
            // A claim of this runner that is under way is waited for, and its jobs are found below.
            try db.lock(Select("id").from("actions_runners").where("id = \(id)"))
            guard let row = try db.first(Select("*").from("actions_runners").where("id = \(id)")) else { return false }
            let runner = try Runner(row)
            let live = try db.run(
                Select("run_id").from("actions_live_runs").where("runner_id = \(id)").orderBy("run_id"))
            for row in live {
                let scheduler = try changes.scheduler(
                    ID(try row["run_id"]), services: services, by: principal, on: db)
                try scheduler.endLost(on: db)
            }
            try Self.endClaims(of: id, services, changes, by: principal, on: db)
            try changes.drain(on: db)
            try db.run(Delete("actions_runners").where("id = \(id)"))
            // One of a `plue run` comes and goes with its run, which has its own row.
            if runner.lockPath == nil {
                try AuditLog.record(
                    AuditEntry(
                        .runnerUnregister, .runner, id.rawValue, repository: runner.scope.repository,
                        organization: runner.scope.organization, before: [("name", .string(runner.name))]),
                    by: principal, on: db)
            }
            return true
        }
    }

    private static func endClaims(
        of id: RunnerID, _ services: Services, _ changes: Changes, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws {
        let claimed = try db.run(
            Select("l.execution_id", "e.workflow_run_id").from("actions_leases AS l")
                .join("actions_job_executions AS e", on: "e.id = l.execution_id")
                .where("l.runner_id = \(id)").orderBy("e.workflow_run_id, e.id"))
        for row in claimed {
            let scheduler = try changes.scheduler(
                ID(try row["workflow_run_id"]), services: services, by: principal, on: db)
            let job = try scheduler.execution(ID(try row["execution_id"]), on: db)
            // It may have ended while the run was waited for; no other runner can have taken it since.
            guard job.status == .inProgress else { continue }
            try scheduler.finish(job, .failure, reason: .runnerLost, message: "the runner was taken away", on: db)
        }
    }

    /// The executions among those that someone asked to stop.
    public func cancelRequests(among executions: [ExecutionID]) async throws -> [ExecutionID] {
        let ids = executions.map(\.rawValue)
        return try await services.backend.read { db in
            try db.run(
                Select("id").from("actions_job_executions").where("id IN \(ids)")
                    .and("cancel_requested_at IS NOT NULL")
            ).map { row in ID(try row["id"]) }
        }
    }

    static func checkLease(_ token: JobToken, on db: isolated any StorageConnection) throws {
        // Held until the commit: who ends the job meanwhile waits.
        try checkLease(token, try db.run(Self.lease, [.integer(token.executionID.rawValue)]).first)
    }

    /// The row of the lease, as it was read.
    static func checkLease(_ token: JobToken, _ lease: Row?) throws {
        guard let lease, try lease["fencing_token"] as Int64 == token.fencingToken else { throw stale(token) }
    }

    static func stale(_ token: JobToken) -> ServiceError {
        ServiceError(
            .staleAssignment, "job \(token.executionID)",
            "the assignment with token \(token.fencingToken) is no longer the live one")
    }

    private static let lease = PreparedQuery { lease(of: $0[0]) }

    /// Locked.
    static func lease(of execution: some Bindable) -> Select {
        Select("fencing_token").from("actions_leases").where("execution_id = \(execution)").forUpdate()
    }

    /// Of the run that the execution belongs to. Throws ``ServiceError`` `not_found`.
    static func scheduler(
        of execution: ExecutionID, _ services: Services, _ changes: Changes, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws -> RunScheduler {
        let run = try db.first(
            Select("workflow_run_id").from("actions_job_executions").where("id = \(execution)"))
        guard let run else { throw ServiceError(.notFound, "job \(execution)", "there is no such job execution") }
        return try changes.scheduler(ID(try run["workflow_run_id"]), services: services, by: principal, on: db)
    }
}
