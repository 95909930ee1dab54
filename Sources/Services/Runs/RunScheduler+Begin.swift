internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    /// Stores a new run: its event, itself, its first attempt, its jobs. Where nothing has to be asked meanwhile, all of
    /// it goes in one round trip with the commit.
    func begin(
        _ request: RunRequest, _ reserved: RunReservation, on db: isolated any StorageConnection
    ) throws -> WorkflowRun {
        let workflow = request.source.workflow
        let heading = try heading(of: workflow, on: db)
        run.displayTitle = heading.title ?? run.name
        run.concurrencyKey = heading.group?.key
        if try needsApproval(request, on: db) { run.hold = .waiting }
        var queries = PlanByIndex.queries(for: db.dialect)
        if request.storedEvent == nil {
            queries.append(
                EventStore.insert(
                    id: reserved.eventID, request.event, payload: request.payload, repository: run.repositoryID,
                    at: reserved.time))
        }
        queries.append(insert(referenced: reserved.referenced))
        queries += RunService.attempt(
            1, id: attemptID, of: run.id, run.repositoryID, actor: run.actor,
            requester: try Requester.name(behind: run.actor, principal, on: db), runner: boundRunner, at: reserved.time)
        let opening = Transition(object: .run, id: run.id.rawValue, from: nil, to: run.status.rawValue, reason: nil)
        let entry = AuditEntry(
            .runCreate, .run, run.id.rawValue, repository: run.repositoryID,
            after: [
                ("event", .string(run.event)), ("run_number", .number(Double(run.runNumber))),
                ("workflow", .string(workflow.file)),
            ])
        queries += AuditLog.rows(entry, id: reserved.auditID, by: principal)
        // A run that waits for an approval joins its group with it.
        let group = heading.group.flatMap { $0.key == nil || run.hold == .waiting ? nil : $0 }
        if group != nil || !request.isExpanding {
            try db.runAll(queries + [Transition.insert([opening], of: run.id, by: principal)])
            queries = []
        }
        if let group { try joinGroup(group, on: db) }
        changes.events.append(.runStarted(run, file: workflow.file))
        guard request.isExpanding else { return run }
        beganJobs = true
        let batch = try plan(
            workflow, version: run.versionID, under: nil, hold: run.hold == nil ? nil : .run,
            reserved: reserved.executionIDs, at: reserved.time, on: db)
        adopt(batch)
        queries += try batch.queries(of: self, after: group == nil ? [opening] : [], for: db.dialect)
        let isComplete = changes.isOnly(self) && batch.count > 0
        try db.runAll(queries, finishing: isComplete)
        if !isComplete { try changes.drain(on: db) }
        return run
    }

    /// The first steps of a new attempt of a run: its group, its jobs.
    func beginAgain(
        _ workflow: Workflow, carried: [String: CarriedJob], after previous: RunStatus,
        on db: isolated any StorageConnection
    ) throws {
        let heading = try heading(of: workflow, on: db)
        try recordTransition(from: previous, to: .queued, reason: nil, on: db)
        try db.run(
            Update("actions_workflow_runs").set("display_title", heading.title ?? run.name)
                .set("concurrency_key", heading.group?.key).where("id = \(run.id)"))
        run.displayTitle = heading.title ?? run.name
        run.concurrencyKey = heading.group?.key
        if let group = heading.group, group.key != nil { try joinGroup(group, on: db) }
        changes.events.append(.runStarted(run, file: workflow.file))
        beganJobs = true
        try instantiate(
            workflow, version: run.versionID, under: nil, carried: carried, hold: run.hold == .pending ? .run : nil,
            on: db)
    }

    /// Whether somebody must approve the run first, as a fork asks for it. A developer's own run needs nobody.
    private func needsApproval(_ request: RunRequest, on db: isolated any StorageConnection) throws -> Bool {
        guard boundRunner == nil, request.isExpanding, try facts.isFromFork() else { return false }
        let policy = try RepositoryService.repository(run.repositoryID, on: db).forkApproval
        return policy.isNeeded(for: try facts.authorAssociation())
    }

    /// The run was approved: it joins its group, and its jobs start.
    func approve(on db: isolated any StorageConnection) throws {
        let workflow = try workflow(version: run.versionID, on: db)
        try db.run(Update("actions_workflow_runs").set("hold", nil as RunHold?).where("id = \(run.id)"))
        run.hold = nil
        if let group = try heading(of: workflow, on: db).group, group.key != nil { try joinGroup(group, on: db) }
        if run.hold == nil { try admitRun(on: db) }
    }

    /// `run-name` and `concurrency`, evaluated. Throws ``ServiceError`` `invalid_workflow` with the position.
    private func heading(
        of workflow: Workflow, on db: isolated any StorageConnection
    ) throws -> (title: String?, group: ConcurrencyRequest?) {
        if workflow.runName == nil, workflow.concurrency == nil { return (nil, nil) }
        let context = try runContext(on: db)
        do {
            let title = try workflow.runName?.evaluate(in: context).text
            let group = try workflow.concurrency.map { try ConcurrencyRequest($0, in: context) }
            return (title.flatMap { $0.isEmpty ? nil : $0 }, group)
        } catch let error as TemplateError {
            throw ServiceError(
                Diagnostic(code: "expression", message: error.message, file: workflow.file, at: error.position))
        }
    }

    /// Takes the run's concurrency group, or holds the run until it is free.
    private func joinGroup(_ group: ConcurrencyRequest, on db: isolated any StorageConnection) throws {
        guard try !ConcurrencySlots(scheduler: self).acquireRun(group, on: db) else { return }
        try db.run(Update("actions_workflow_runs").set("hold", RunHold.pending).where("id = \(run.id)"))
        run.hold = .pending
    }

    private func insert(referenced: [(String, Int64)]) -> Insert {
        let files = ExpressionObject(
            referenced.map { ($0.0, ExpressionValue.number(Double($0.1))) }, caseSensitive: true)
        return Insert("actions_workflow_runs").values([
            "id": run.id, "repository_id": run.repositoryID, "workflow_id": run.workflowID,
            "version_id": run.versionID, "run_number": run.runNumber, "event": run.event, "event_id": run.eventID,
            "inputs": run.inputs, "variables": run.variables, "selection": selection.json,
            "referenced_workflows": ExpressionValue.object(files).json(pretty: false),
            "name": run.name, "display_title": run.displayTitle, "concurrency_key": run.concurrencyKey,
            "head_branch": run.headBranch, "head_ref": run.headRef, "head_sha": run.headSHA, "dirty": run.isDirty,
            "actor_id": run.actorID, "priority": run.priority, "triggering_actor_id": run.actorID, "actor": run.actor,
            "triggering_actor": run.triggeringActor, "status": run.status.rawValue, "hold": run.hold?.rawValue,
            "created_at": run.createdAt,
        ])
    }

    /// The run got its concurrency group: its jobs may start.
    func admitRun(on db: isolated any StorageConnection) throws {
        guard run.status == .queued else { return }
        try db.run(Update("actions_workflow_runs").set("hold", nil as RunHold?).where("id = \(run.id)"))
        run = try RunService.run(run.id, on: db)
        let waiting = try db.run(
            Self.executions().where("e.attempt_id = \(attemptID)").and("e.hold = 'run'").orderBy("e.id DESC"))
        for row in waiting {
            let job = try JobExecution(row)
            let hold: JobHold? = job.pendingNeeds > 0 ? .needs : nil
            try db.run(Update("actions_job_executions").set("hold", hold).where("id = \(job.id)"))
            if job.pendingNeeds == 0 { ready.append(job.id) }
        }
    }
}
