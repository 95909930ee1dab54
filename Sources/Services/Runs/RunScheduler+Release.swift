internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    /// Decides about a job whose needs have all ended: skip it, fail it, or expand it and let its legs in.
    func release(_ id: ExecutionID, on db: isolated any StorageConnection) throws {
        let execution = try execution(id, on: db)
        guard execution.status == .pending else { return }
        // One of its needs was cancelled while the run waits: it is released with the run.
        if execution.hold == .run, run.hold != nil, run.cancelRequestedAt == nil { return }
        if execution.isExpanded { return try admit(execution, on: db) }
        let job = try definition(of: execution, on: db)
        let needs = try NeedsView(of: execution, needs: job.needs, on: db)
        let context = try contexts(of: execution, needs: needs, on: db)
        do {
            guard try job.condition.evaluate(in: context).isTruthy else {
                return try skip(execution, needs: needs, on: db)
            }
            let legs = try expand(job, of: execution, in: context, on: db)
            if legs.isEmpty { return try finish(execution, .skipped, reason: .matrixEmpty, on: db) }
            for leg in legs { try admit(leg, on: db) }
        } catch let error as ExpressionError {
            try fail(execution, job.position, error.message, on: db)
        } catch let error as TemplateError {
            try fail(execution, error.position, error.message, on: db)
        }
    }

    private func skip(_ execution: JobExecution, needs: NeedsView, on db: isolated any StorageConnection) throws {
        if run.cancelRequestedAt != nil {
            return try finish(execution, .cancelled, reason: cancelReason, on: db)
        }
        let reason: StatusReason =
            needs.allSucceeded ? .conditionFalse : needs.anyFailed ? .needsFailed : .needsSkipped
        try finish(
            execution, .skipped, reason: reason, message: needs.allSucceeded ? nil : needs.obstacles, on: db)
    }

    /// A job that cannot be evaluated fails; it never blocks the run. The position is one in the job's own workflow,
    /// or in that of `place`.
    func fail(
        _ execution: JobExecution, _ position: SourcePosition, _ message: String,
        reason: StatusReason = .expressionError, in place: JobExecution? = nil,
        on db: isolated any StorageConnection
    ) throws {
        let file = try workflow(version: (place ?? execution).versionID, on: db).file
        try finish(
            execution, .failure, reason: reason,
            message: "\(file):\(position.line):\(position.column): \(message)", on: db)
    }

    /// Turns the one row of the job into a row a leg, all pending, and returns them.
    private func expand(
        _ job: Job, of execution: JobExecution, in context: ExpressionContext, on db: isolated any StorageConnection
    ) throws -> [JobExecution] {
        let plan = try LegPlan.make(job, selection: execution.parentID == nil ? selection : RunSelection(), in: context)
        guard !plan.isEmpty else { return [] }
        guard try plan.count == 1 || hasRoom(for: plan.count - 1, on: db) else {
            throw TemplateError("the run would have more than \(CallLimits.jobs) jobs", at: job.position)
        }
        let parent = try execution.parentID.map { try self.execution($0, on: db) }
        var legs = try plan.enumerated().map { index, leg in
            try expanded(execution, leg, index: index, of: plan.count, under: parent, on: db)
        }
        let ids = try Self.reserve(plan.count - 1, of: "actions_job_executions", on: db)
        for (index, id) in ids.enumerated() { legs[index + 1].id = ID(id) }
        let first = legs[0]
        try db.run(
            Update("actions_job_executions").set([
                "hold": .null, "matrix_total": first.matrixTotal, "expanded": true, "name": first.name,
                "matrix": first.matrix, "fail_fast": first.failFast, "max_parallel": first.maxParallel,
                "continue_on_error": first.continueOnError, "environment": first.environment,
                "concurrency_key": first.concurrencyKey, "concurrency_cancels": first.concurrencyCancels,
                "concurrency_depth": first.concurrencyDepth, "label_set_id": first.labelSetID,
            ]).where("id = \(execution.id)"))
        if legs.count > 1 { try addLegs(Array(legs.dropFirst()), beside: execution, on: db) }
        return legs
    }

    /// The row of one leg of a job: pending, with what the server evaluates evaluated. Its id is that of the job.
    func expanded(
        _ execution: JobExecution, _ leg: LegPlan, index: Int, of total: Int, under parent: JobExecution?,
        on db: isolated any StorageConnection
    ) throws -> JobExecution {
        var row = execution
        row.hold = nil
        row.isExpanded = true
        row.matrixIndex = Int64(index)
        row.matrixTotal = Int64(total)
        row.name = displayName(leg.name, under: parent)
        row.matrix = leg.matrix
        row.failFast = leg.failFast
        row.maxParallel = leg.maxParallel
        row.continueOnError = leg.continueOnError
        row.environment = leg.environment
        row.concurrencyKey = leg.concurrency?.key
        row.concurrencyCancels = leg.concurrency?.cancelInProgress ?? false
        row.concurrencyDepth = Int64(leg.concurrency?.queueDepth ?? 1)
        row.labelSetID = try leg.labels.map { try services.queue.intern($0, changes, on: db) }
        return row
    }

    /// Rows for the legs after the first, each needed by whoever needed the job.
    private func addLegs(
        _ legs: [JobExecution], beside execution: JobExecution, on db: isolated any StorageConnection
    ) throws {
        let ids = legs.map(\.id.rawValue)
        let added: SQL = "l.id IN \(ids)"
        try db.runAll([
            ExecutionRows.insert(legs),
            Insert("actions_execution_needs").select(
                ["needs_execution_id", "execution_id"],
                Select("l.id", "n.execution_id").from("actions_execution_needs AS n")
                    .join("actions_job_executions AS l", on: added)
                    .where("n.needs_execution_id = \(execution.id)")),
            Insert("actions_execution_needs").select(
                ["needs_execution_id", "execution_id"],
                Select("n.needs_execution_id", "l.id").from("actions_execution_needs AS n")
                    .join("actions_job_executions AS l", on: added)
                    .where("n.execution_id = \(execution.id)")),
            Update("actions_job_executions").set("pending_needs", sql: "pending_needs + \(Int64(legs.count))")
                .where(
                    "id IN (SELECT n.execution_id FROM actions_execution_needs AS n WHERE n.needs_execution_id = \(execution.id))"
                ),
        ])
    }
}
