internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    /// The first steps of a new run: its title, its concurrency group, its jobs.
    func begin(
        _ workflow: Workflow, carried: [String: CarriedJob] = [:], after previous: RunStatus? = nil,
        on db: isolated any StorageConnection
    ) throws {
        let context = ExpressionContext(values: [
            "github": .object(ExpressionObject(try githubContext(on: db))),
            "vars": try ExpressionValue(json: run.variables),
            "inputs": try ExpressionValue(json: run.inputs),
        ])
        let title: String?
        let request: ConcurrencyRequest?
        do {
            title = try workflow.runName?.evaluate(in: context).text
            request = try workflow.concurrency.map { try ConcurrencyRequest($0, in: context) }
        } catch let error as TemplateError {
            let place = "\(workflow.file):\(error.position.line):\(error.position.column)"
            throw ServiceError(.invalidWorkflow, place, error.message)
        }
        if let title, !title.isEmpty {
            try db.run(Update("actions_workflow_runs").set("display_title", title).where("id = \(run.id)"))
        }
        try recordTransition(from: previous, to: .queued, reason: nil, on: db)
        if let request, let key = request.key {
            try db.run(Update("actions_workflow_runs").set("concurrency_key", key).where("id = \(run.id)"))
            run = try RunService.run(run.id, on: db)
            if try !ConcurrencySlots(scheduler: self).acquireRun(request, on: db) {
                try db.run(
                    Update("actions_workflow_runs").set("hold", RunHold.pending).where("id = \(run.id)"))
                run = try RunService.run(run.id, on: db)
                changes.events.append(.runStarted(run, file: workflow.file))
                return try instantiate(
                    workflow, version: run.versionID, under: nil, carried: carried, hold: .run, on: db)
            }
        }
        run = try RunService.run(run.id, on: db)
        changes.events.append(.runStarted(run, file: workflow.file))
        try instantiate(workflow, version: run.versionID, under: nil, carried: carried, on: db)
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
