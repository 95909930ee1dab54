internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    /// Decides about a job whose needs have all ended: skip it, fail it, or expand it and let its legs in.
    func release(_ id: ExecutionID, on db: isolated any StorageConnection) throws {
        let execution = try execution(id, on: db)
        guard execution.status == .pending else { return }
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
            return try finish(execution, .cancelled, reason: .cancelledByUser, on: db)
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
        guard let first = plan.first else { return [] }
        let parent = try execution.parentID.map { try self.execution($0, on: db) }
        var update = Update("actions_job_executions").set("hold", nil as JobHold?)
            .set("matrix_total", Int64(plan.count))
        for (column, value) in zip(Self.legColumns, try legValues(first, under: parent, on: db)) {
            update = update.set(column, value)
        }
        try db.run(update.where("id = \(execution.id)"))
        if plan.count > 1 { try addLegs(plan, to: execution, under: parent, on: db) }
        return try db.run(
            Self.executions().where("e.attempt_id = \(attemptID)").and("e.call_path = \(execution.callPath)")
                .and("e.job_key = \(execution.jobKey)").orderBy("e.matrix_index")
        ).map { row in try JobExecution(row) }
    }

    private static let legColumns: [StaticString] = [
        "expanded", "name", "matrix", "fail_fast", "max_parallel", "continue_on_error", "environment",
        "concurrency_key", "concurrency_cancels", "concurrency_depth", "label_set_id",
    ]

    private func legValues(
        _ leg: LegPlan, under parent: JobExecution?, on db: isolated any StorageConnection
    ) throws -> [any Bindable] {
        [
            true, displayName(leg.name, under: parent), leg.matrix, leg.failFast, leg.maxParallel,
            leg.continueOnError, leg.environment, leg.concurrency?.key, leg.concurrency?.cancelInProgress ?? false,
            Int64(leg.concurrency?.queueDepth ?? 1), try leg.labels.map { try services.queue.intern($0, on: db) },
        ]
    }

    /// Rows for the legs after the first, each needed by whoever needed the job.
    private func addLegs(
        _ plan: [LegPlan], to execution: JobExecution, under parent: JobExecution?,
        on db: isolated any StorageConnection
    ) throws {
        let own: [StaticString] = [
            "repository_id", "workflow_run_id", "attempt_id", "job_id", "parent_execution_id", "call_path", "job_key",
            "kind", "matrix_index", "matrix_total", "status", "created_at",
        ]
        let added: [[any Bindable]] = try plan.enumerated().dropFirst().map { index, leg in
            let values: [any Bindable] = [
                execution.repositoryID, execution.runID, execution.attemptID, execution.jobID, execution.parentID,
                execution.callPath, execution.jobKey, execution.kind, Int64(index), Int64(plan.count),
                JobStatus.pending, execution.createdAt,
            ]
            return values + (try legValues(leg, under: parent, on: db))
        }
        try db.run(Insert("actions_job_executions").rows(own + Self.legColumns, added))
        let isAdded: SQL = """
            l.attempt_id = \(attemptID) AND l.call_path = \(execution.callPath) AND l.job_key = \(execution.jobKey)
            AND l.id <> \(execution.id)
            """
        try db.run(
            Insert("actions_execution_needs").select(
                ["needs_execution_id", "execution_id"],
                Select("l.id", "n.execution_id").from("actions_execution_needs AS n")
                    .join("actions_job_executions AS l", on: isAdded)
                    .where("n.needs_execution_id = \(execution.id)")))
        try db.run(
            Insert("actions_execution_needs").select(
                ["needs_execution_id", "execution_id"],
                Select("n.needs_execution_id", "l.id").from("actions_execution_needs AS n")
                    .join("actions_job_executions AS l", on: isAdded)
                    .where("n.execution_id = \(execution.id)")))
        try db.run(
            Update("actions_job_executions").set("pending_needs", sql: "pending_needs + \(Int64(plan.count - 1))")
                .where(
                    "id IN (SELECT n.execution_id FROM actions_execution_needs AS n WHERE n.needs_execution_id = \(execution.id))"
                ))
    }
}
