internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    /// Ends an execution, whoever decided it, and does what follows: gives back its slots, cancels the other legs
    /// when it failed fast, lets waiting legs in, counts down its dependents, ends the call that it belongs to.
    func finish(
        _ execution: JobExecution, _ conclusion: JobConclusion, reason: StatusReason? = nil, message: String? = nil,
        outputs: String? = nil, on db: isolated any StorageConnection
    ) throws {
        _ = try end(execution, conclusion, reason: reason, message: message, outputs: outputs, on: db)
    }

    /// The same; false when the job is not in that state any more: a claim does not wait for the run, and what follows of
    /// one end may have ended another. `isSure` says that neither can be, so that all goes in one round trip.
    func end(
        _ execution: JobExecution, _ conclusion: JobConclusion, reason: StatusReason? = nil, message: String? = nil,
        outputs: String? = nil, isSure: Bool = false, on db: isolated any StorageConnection
    ) throws -> Bool {
        guard execution.status.canBecome(conclusion.status) else {
            throw ServiceError(
                .illegalTransition, "job \(execution.id)",
                "it cannot go from \(execution.status.rawValue) to \(conclusion.status.rawValue)")
        }
        let change = update(execution, conclusion, reason: reason, message: message, outputs: outputs)
        if !isSure {
            // The place in the queue first, as a claim holds it: who takes the job now is waited for.
            var place: [any Query] = []
            if execution.status == .queued {
                // A job that was lost may be delayed. Who puts it into the queue just now is waited for, and found there.
                if execution.lostClaims > 0 {
                    place.append(Delete("actions_delayed_jobs").where("execution_id = \(execution.id)"))
                }
                place.append(Delete("actions_job_queue").where("execution_id = \(execution.id)"))
            }
            guard try db.run(place + [change]).last?.changes == 1 else { return false }
        }
        let results = try db.run(
            (isSure ? [change] : []) + traces(of: execution, conclusion, reason) + [
                Self.executions().where("e.id = \(execution.id)"), release(dependentsOf: execution),
            ] + (isSure ? [anyOpen] : []))
        if isSure, results[0].changes != 1 {
            throw ServiceError(.staleAssignment, "job \(execution.id)", "it has ended already")
        }
        changes.changedRuns.insert(run.id)
        let last = results.count - (isSure ? 2 : 1)
        guard let row = results[last - 1].first else {
            throw ServiceError(.notFound, "job \(execution.id)", "there is no such job execution")
        }
        let ended = try JobExecution(row)
        isKnownOpen = isSure && !results[last + 1].isEmpty
        changes.events.append(.jobFinished(ended, attempt: attemptNumber))
        if execution.concurrencyKey != nil { try ConcurrencySlots(scheduler: self).release(ended, on: db) }
        if ended.matrixTotal > 1 { try updateLegs(beside: ended, on: db) }
        var released: [ExecutionID] = []
        for row in results[last] where try row["pending_needs"] as Int64 == 0 {
            released.append(ID(try row["id"]))
        }
        ready += released.sorted().reversed()
        if let parent = ended.parentID { try finishCallIfDone(parent, on: db) }
        return true
    }

    private func update(
        _ execution: JobExecution, _ conclusion: JobConclusion, reason: StatusReason?, message: String?,
        outputs: String?
    ) -> Update {
        var update = Update("actions_job_executions")
            .set("status", conclusion.status).set("conclusion", conclusion).set("hold", nil as JobHold?)
            .set("status_reason", reason).set("status_message", message)
            .set("completed_at", .clampedNow(after: "coalesce(started_at, queued_at, created_at)"))
        if let outputs { update = update.set("outputs", outputs) }
        if conclusion.status == .failed { update = update.set("failure_class", FailureClass(reason)) }
        if execution.kind == .steps, !execution.isExpanded { update = update.set("expanded", true) }
        return update.where("id = \(execution.id)").and("status = \(execution.status)")
    }

    /// The transition, and what is left of a claim.
    private func traces(
        of execution: JobExecution, _ conclusion: JobConclusion, _ reason: StatusReason?
    ) -> [any Query] {
        let change = Transition(
            object: .job, id: execution.id.rawValue, from: execution.status.rawValue, to: conclusion.status.rawValue,
            reason: reason)
        var queries: [any Query] = [Transition.insert([change], of: run.id, by: principal)]
        if execution.status == .inProgress, execution.kind == .steps { queries += Self.assignmentEnd(of: execution) }
        if execution.hold == .gate { queries.append(Gates.closing(execution.id, .closed)) }
        return queries
    }

    private static func assignmentEnd(of execution: JobExecution) -> [any Query] {
        [
            Update("actions_job_assignments").set("finished_at", .clampedNow(after: "claimed_at"))
                .where("execution_id = \(execution.id)").and("finished_at IS NULL"),
            Delete("actions_leases").where("execution_id = \(execution.id)"),
        ]
    }

    /// Counts down in the statement that every other job's end also runs, so that no release is lost.
    private func release(dependentsOf execution: JobExecution) -> Update {
        Update("actions_job_executions").set("pending_needs", sql: "pending_needs - 1")
            .where(
                "id IN (SELECT n.execution_id FROM actions_execution_needs AS n WHERE n.needs_execution_id = \(execution.id))"
            )
            .and("pending_needs > 0").returning("id", "pending_needs")
    }

    private var anyOpen: Select {
        Select("id").from("actions_job_executions").where("attempt_id = \(attemptID)").and("conclusion IS NULL")
            .limit(1)
    }

    func endAssignment(of execution: JobExecution, on db: isolated any StorageConnection) throws {
        try db.runAll(Self.assignmentEnd(of: execution))
    }

    private func updateLegs(beside leg: JobExecution, on db: isolated any StorageConnection) throws {
        let siblings = Self.executions().where("e.attempt_id = \(attemptID)").and("e.call_path = \(leg.callPath)")
            .and("e.job_key = \(leg.jobKey)").and("e.conclusion IS NULL").orderBy("e.matrix_index")
        if leg.failFast, leg.conclusion?.result == .failure, !leg.continueOnError {
            for row in try db.run(siblings) {
                try cancel(try JobExecution(row), reason: .failFast, on: db)
            }
        } else if let limit = leg.maxParallel {
            let free = limit - (try admittedLegs(beside: leg, on: db))
            guard free > 0 else { return }
            let next = try db.run(siblings.and("e.hold = 'max_parallel'").limit(Int(min(free, 256))))
            ready += try next.reversed().map { row in ID(try row["id"]) }
        }
    }

    // MARK: Calls

    private func finishCallIfDone(_ id: ExecutionID, on db: isolated any StorageConnection) throws {
        let rows = try db.run(Self.executions().where("e.parent_execution_id = \(id)").orderBy("e.completed_at, e.id"))
        let children = try rows.map { row in try JobExecution(row) }
        guard children.allSatisfy({ $0.status.isTerminal }) else { return }
        let call = try execution(id, on: db)
        guard !call.status.isTerminal else { return }
        let results = children.compactMap(\.result)
        let isCancelled = results.contains(.cancelled) && !results.contains(.failure)
        let conclusion: JobConclusion =
            isCancelled ? .cancelled : results.contains(.failure) ? .failure : JobConclusion.combined(results)
        do {
            let outputs = try callOutputs(of: call, children: children, on: db)
            try finish(call, conclusion, outputs: outputs, on: db)
        } catch let error as TemplateError {
            try fail(call, error.position, error.message, in: children.first, on: db)
        }
    }

    /// `on.workflow_call.outputs`, evaluated with the `jobs` context of the called workflow.
    private func callOutputs(
        of call: JobExecution, children: [JobExecution], on db: isolated any StorageConnection
    ) throws -> String {
        guard let job = children.first else { return "{}" }
        let callee = try workflow(version: job.versionID, on: db)
        guard let declared = callee.call?.outputs, !declared.isEmpty else { return "{}" }
        let jobs = try callee.jobs.map { definition in
            let legs = children.filter { $0.jobKey == definition.id }
            let context = ExpressionObject([
                ("result", .string(JobConclusion.combined(legs.compactMap(\.result)).rawValue)),
                ("outputs", .object(try NeedsView.mergedOutputs(of: legs))),
            ])
            return (definition.id, ExpressionValue.object(context))
        }
        var context = ExpressionContext(values: ["jobs": .object(ExpressionObject(jobs))])
        context.values["github"] = .object(ExpressionObject(try githubContext(on: db)))
        context.values["inputs"] = try ExpressionValue(json: call.inputs ?? "{}")
        context.values["vars"] = try ExpressionValue(json: run.variables)
        let values = try declared.map { output in
            (output.name, ExpressionValue.string(try output.value.evaluate(in: context).text))
        }
        return ExpressionValue.object(ExpressionObject(values)).json(pretty: false)
    }

    // MARK: The run

    /// A job that has not ended dominates: a run is never shown finished while one runs.
    func concludeIfDone(on db: isolated any StorageConnection) throws {
        guard !run.status.isTerminal else { return }
        if isKnownOpen {
            isKnownOpen = false
            return
        }
        guard try db.first(anyOpen) == nil else { return }
        let rows = try db.run(
            Self.executions().where("e.attempt_id = \(attemptID)").and("e.parent_execution_id IS NULL"))
        // Its jobs are queued one by one, and the first is still to come.
        if rows.isEmpty, !beganJobs, run.cancelRequestedAt == nil { return }
        try conclude(try conclusion(of: rows.map { row in try JobExecution(row) }), on: db)
    }

    private func conclusion(of jobs: [JobExecution]) -> RunConclusion {
        let results = jobs.compactMap(\.result)
        if run.cancelRequestedAt != nil { return .cancelled }
        if results.contains(.failure) { return .failure }
        if results.contains(.cancelled) { return .cancelled }
        return results.allSatisfy { $0 == .skipped } && !results.isEmpty ? .skipped : .success
    }

    func conclude(
        _ conclusion: RunConclusion, reason: StatusReason? = nil, on db: isolated any StorageConnection
    ) throws {
        let changed = try db.run(
            Update("actions_workflow_runs").set("status", conclusion.status).set("conclusion", conclusion)
                .set("hold", nil as RunHold?).set("status_reason", reason ?? run.statusReason)
                .set("completed_at", .clampedNow(after: "coalesce(started_at, created_at)"))
                .where("id = \(run.id)").and("status = \(run.status)")
        ).changes
        guard changed == 1 else { return }
        try db.run(
            Update("actions_run_attempts").set("status", conclusion.status).set("conclusion", conclusion)
                .set("completed_at", .now).where("id = \(attemptID)"))
        try db.run(Delete("actions_live_runs").where("run_id = \(run.id)"))
        try recordTransition(
            from: run.status, to: conclusion.status, reason: reason ?? run.statusReason, on: db)
        run = try RunService.run(run.id, on: db)
        changes.events.append(.runFinished(run))
        if run.concurrencyKey != nil { try ConcurrencySlots(scheduler: self).releaseRun(on: db) }
    }
}
