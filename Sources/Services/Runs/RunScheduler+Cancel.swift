internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    /// Cancels the run: what waits ends at once, unless its `if` holds for a cancelled run; what runs is told to stop.
    func cancelRun(reason: StatusReason, on db: isolated any StorageConnection) throws {
        guard !run.status.isTerminal else { return }
        if run.cancelRequestedAt == nil {
            try db.run(
                Update("actions_workflow_runs").set("cancel_requested_at", .now).set("status_reason", reason)
                    .where("id = \(run.id)"))
            let hold = run.hold
            run = try RunService.run(run.id, on: db)
            if hold == .pending { try ConcurrencySlots(scheduler: self).releaseRun(on: db) }
        }
        let open = try db.run(
            Self.executions().where("e.attempt_id = \(attemptID)").and("e.conclusion IS NULL")
                .and("e.kind = 'steps'").orderBy("e.id"))
        for row in open {
            let job = try JobExecution(row)
            // Of a run that waits for its group nothing starts any more, whatever its `if` says.
            if try job.hold == .run || !runsWhenCancelled(job, on: db) { try cancel(job, reason: reason, on: db) }
        }
        // Calls whose jobs never started have nothing that would end them.
        for row in try db.run(
            Self.executions().where("e.attempt_id = \(attemptID)").and("e.conclusion IS NULL")
                .and("e.kind = 'call'").and("e.status = 'pending'").orderBy("e.id"))
        {
            let call = try JobExecution(row)
            if call.hold == .run || call.hold == .concurrency || call.hold == .maxParallel {
                try finish(call, .cancelled, reason: reason, on: db)
            }
        }
    }

    /// Cancels one job that has not ended.
    func cancel(_ execution: JobExecution, reason: StatusReason, on db: isolated any StorageConnection) throws {
        let execution = try self.execution(execution.id, on: db)
        switch (execution.status, execution.kind) {
        case (.pending, _) where execution.hold == .needs && reason != .failFast && reason != .runnerLost:
            // Its needs end first: then its `if` is evaluated with cancelled() true.
            return
        case (.pending, _), (.queued, _):
            // A claim may have taken it while its row was waited for: then it is told to stop.
            guard try !end(execution, .cancelled, reason: reason, on: db) else { return }
            try cancel(execution, reason: reason, on: db)
        case (.inProgress, .steps):
            guard execution.cancelRequestedAt == nil else { return }
            try db.run(
                Update("actions_job_executions").set("cancel_requested_at", .now).set("status_reason", reason)
                    .where("id = \(execution.id)").and("status = 'in_progress'"))
            changes.events.append(.cancelRequested(execution.id))
        case (.inProgress, .call):
            for row in try db.run(
                Self.executions().where("e.parent_execution_id = \(execution.id)").and("e.conclusion IS NULL"))
            {
                try cancel(try JobExecution(row), reason: reason, on: db)
            }
        case (.completed, _), (.failed, _), (.cancelled, _):
            return
        }
    }

    /// The `if` of a job is evaluated again first: one with `always()` goes on.
    func runsWhenCancelled(_ execution: JobExecution, on db: isolated any StorageConnection) throws -> Bool {
        guard execution.isExpanded || execution.hold == nil else { return false }
        let job = try definition(of: execution, on: db)
        guard job.condition.callsStatusFunction else { return false }
        let needs = try NeedsView(of: execution, needs: job.needs, on: db)
        let context = try contexts(of: execution, needs: needs, on: db)
        return (try? job.condition.evaluate(in: context).isTruthy) ?? false
    }

    /// Why what is left of the run is not to be done.
    var cancelReason: StatusReason { run.statusReason ?? .cancelledByUser }

    /// Ends everything because the runner that alone could run it is gone.
    func endLost(on db: isolated any StorageConnection) throws {
        guard !run.status.isTerminal else { return }
        try endAll(
            running: .failure, reason: .runnerLost, message: "the runner was lost: its process ended without a word",
            on: db)
        try conclude(.failure, reason: .runnerLost, on: db)
    }

    /// Cancels the run and waits for nobody: what runs has ended with this transaction, and what its runners still say is
    /// refused. Conditions like `always()` are not asked.
    func cancelAtOnce(reason: StatusReason, on db: isolated any StorageConnection) throws {
        guard !run.status.isTerminal else { return }
        try cancelRun(reason: reason, on: db)
        try endAll(running: .cancelled, reason: cancelReason, message: nil, on: db)
    }

    /// Ends every job that is open: what runs with that conclusion, what waits as cancelled.
    private func endAll(
        running: JobConclusion, reason: StatusReason, message: String?, on db: isolated any StorageConnection
    ) throws {
        let open = Self.executions().where("e.attempt_id = \(attemptID)").and("e.conclusion IS NULL")
            .orderBy("e.id DESC")
        for row in try db.run(open) {
            let job = try JobExecution(row)
            guard job.kind == .steps || job.status == .pending else { continue }
            let current = try execution(job.id, on: db)
            guard !current.status.isTerminal else { continue }
            let wasRunning = current.status == .inProgress
            try finish(
                current, wasRunning ? running : .cancelled, reason: reason, message: wasRunning ? message : nil,
                on: db)
        }
        ready = []
        // A call that still stands open had only jobs that were ended above.
        for row in try db.run(open) { try finish(try JobExecution(row), running, reason: reason, on: db) }
        ready = []
    }
}
