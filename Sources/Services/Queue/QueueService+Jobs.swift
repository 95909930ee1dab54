public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension QueueService {
    /// Makes the jobs of a workflow jobs of an open run: those that need no other are queued. Their needs may name jobs
    /// that the run has already. `text` is a workflow file, `on` may be missing; it is stored as a version of the run's
    /// workflow that is not the current one.
    ///
    /// All or nothing. Throws ``ServiceError`` `conflict` when the run has a job of that id, `invalid_workflow`,
    /// `illegal_transition` when the run has ended.
    public func add(
        _ text: String, to run: RunID, by principal: Principal
    ) async throws -> [JobExecution] {
        try await services.access.check(.jobCreate, .run(run), by: principal)
        let services = services
        return try await services.transaction { db, changes in
            let scheduler = try changes.scheduler(run, services: services, by: principal, on: db)
            guard !scheduler.run.status.isTerminal, scheduler.run.cancelRequestedAt == nil else {
                throw ServiceError(.illegalTransition, "run \(run)", "it has ended or is being cancelled")
            }
            let path = try scheduler.workflow(version: scheduler.run.versionID, on: db).file
            let source = try WorkflowSource(text, path: path, requiringTriggers: false, requiringNeeds: false)
            let added = try scheduler.add(source, on: db)
            try changes.drain(on: db)
            let ids = added.map(\.rawValue)
            return try db.run(RunScheduler.executions().where("e.id IN \(ids)").orderBy("e.id")).map { row in
                try JobExecution(row)
            }
        }
    }

    /// The executions of the run's latest attempt that have not started: pending and queued ones.
    public func waiting(of run: RunID, by principal: Principal) async throws -> [JobExecution] {
        try await services.access.check(.runRead, .run(run), by: principal)
        let query = RunScheduler.executions()
            .join("actions_workflow_runs AS r", on: "r.id = e.workflow_run_id")
            .join("actions_run_attempts AS a", on: "a.id = e.attempt_id AND a.attempt = r.latest_attempt")
            .where("e.workflow_run_id = \(run)").and("e.status IN \([JobStatus.pending, JobStatus.queued])")
            .orderBy("e.id")
        return try await services.backend.read { db in
            _ = try RunService.run(run, on: db)
            return try db.run(query).map { row in try JobExecution(row) }
        }
    }
}

extension RunScheduler {
    /// The ids of the new executions.
    fileprivate func add(
        _ source: WorkflowSource, on db: isolated any StorageConnection
    ) throws -> [ExecutionID] {
        let existing = try topJobs(on: db)
        try check(source.workflow, against: existing)
        // Locked like any other change of the workflow's versions.
        try db.lock(Select("id").from("actions_workflows").where("id = \(run.workflowID)"))
        let version = try services.workflows.version(
            of: run.workflowID, IngestedFile(source), in: run.repositoryID, changes, on: db
        ).id
        var calls = CalledFiles(repository: repository, services: services)
        try calls.add(callsOf: source.workflow, changes, on: db)
        try refer(to: calls.found.map { ($0.path, $0.version.versionID) }, on: db)
        let batch = try plan(
            source.workflow, version: version, under: nil, hold: run.hold == nil ? nil : .run,
            existing: existing, on: db)
        guard try hasRoom(for: batch.count, on: db) else {
            throw ServiceError(.limit, "run \(run.id)", "it would have more than \(CallLimits.jobs) jobs")
        }
        try db.runAll(batch.queries(of: self, for: db.dialect))
        adopt(batch)
        for job in source.workflow.jobs {
            try AuditLog.record(
                AuditEntry(
                    .jobQueue, .run, run.id.rawValue, repository: run.repositoryID,
                    after: [("job", .string(job.id))]), by: principal, on: db)
        }
        return batch.ids
    }

    /// Jobs of this attempt that no call made, by lower-case id.
    private func topJobs(on db: isolated any StorageConnection) throws -> [String: [JobExecution]] {
        let rows = try db.run(Self.executions().where("e.attempt_id = \(attemptID)").and("e.call_path = ''"))
        return Dictionary(grouping: try rows.map { row in try JobExecution(row) }) { $0.jobKey.lowercased() }
    }

    private func check(_ workflow: Workflow, against existing: [String: [JobExecution]]) throws {
        for job in workflow.jobs {
            guard existing[job.id.lowercased()] == nil else {
                throw ServiceError(.conflict, "run \(run.id)", "it has a job \(job.id) already")
            }
            for need in job.needs where workflow.job(need.id) == nil && existing[need.id.lowercased()] == nil {
                throw ServiceError(
                    .invalidWorkflow, "\(workflow.file):\(need.position.line):\(need.position.column)",
                    "Job '\(job.id)' depends on unknown job '\(need.id)'.")
            }
        }
    }
}
