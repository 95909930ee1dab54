internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    /// Lets a leg in: past the rules of its environment, `max-parallel`, its concurrency group, then to the queue or, for a call, to its jobs.
    /// A leg that must wait stays pending with the reason in `hold`.
    func admit(_ leg: JobExecution, on db: isolated any StorageConnection) throws {
        // Another leg that failed on the way here may have cancelled this one.
        let leg = try execution(leg.id, on: db)
        guard leg.status == .pending else { return }
        if run.cancelRequestedAt != nil, !(try runsWhenCancelled(leg, on: db)) {
            return try finish(leg, .cancelled, reason: cancelReason, on: db)
        }
        guard try passesRules(leg, on: db) else { return }
        if let limit = leg.maxParallel, leg.matrixTotal > limit, try admittedLegs(beside: leg, on: db) >= limit {
            return try hold(leg, .maxParallel, on: db)
        }
        if let key = leg.concurrencyKey {
            let slots = ConcurrencySlots(scheduler: self)
            if try slots.wouldWaitForItself(leg, key, on: db) {
                let message = "the concurrency group \(key) is held by what waits for this job to end"
                return try finish(leg, .cancelled, reason: .concurrencyDeadlock, message: message, on: db)
            }
            guard try slots.acquire(key, for: leg, on: db) else { return try hold(leg, .concurrency, on: db) }
        }
        try start(leg, on: db)
    }

    /// Past all gates.
    private func start(_ leg: JobExecution, on db: isolated any StorageConnection) throws {
        switch leg.kind {
        case .steps: try enqueue(leg, on: db)
        case .call: try startCall(leg, on: db)
        }
    }

    func hold(_ leg: JobExecution, _ hold: JobHold, on db: isolated any StorageConnection) throws {
        try db.run(Update("actions_job_executions").set("hold", hold).where("id = \(leg.id)").and("status = 'pending'"))
    }

    /// The other legs of the same matrix that run, are queued, or wait for their concurrency group.
    func admittedLegs(beside leg: JobExecution, on db: isolated any StorageConnection) throws -> Int64 {
        let row = try db.first(
            Select("count(*) AS n").from("actions_job_executions")
                .where("attempt_id = \(attemptID)").and("call_path = \(leg.callPath)")
                .and("job_key = \(leg.jobKey)").and("id <> \(leg.id)")
                .and("(status IN \(["queued", "in_progress"]) OR (status = 'pending' AND hold = 'concurrency'))"))
        return try row?["n"] ?? 0
    }

    /// A run on this host alone has nobody to be fair to.
    func queueRows(_ jobs: [JobExecution], for dialect: Dialect) throws -> Insert {
        boundRunner == nil
            ? try QueueRows.fair(jobs, changes, marks: services.planner.marks, for: dialect)
            : QueueRows.first(jobs, changes)
    }

    private func enqueue(_ leg: JobExecution, on db: isolated any StorageConnection) throws {
        guard let labelSet = leg.labelSetID else {
            return try finish(leg, .failure, reason: .expressionError, message: "the job has no runs-on", on: db)
        }
        if let boundRunner {
            let labels = try services.queue.labels(of: labelSet, on: db)
            if let label = try HostPlatform.unsupported(labels, by: boundRunner, on: db) {
                let message = "runs-on \(label) is not this host; -P \(label)=-self-hosted runs it here"
                return try finish(leg, .skipped, reason: .unsupportedPlatform, message: message, on: db)
            }
        }
        let changed = try db.first(
            Update("actions_job_executions").set("status", JobStatus.queued).set("hold", nil as JobHold?)
                .set("queued_at", .clampedNow(after: "created_at")).where("id = \(leg.id)").and("status = 'pending'")
                .returning("queued_at"))
        guard let changed else { return }
        try recordTransition(job: leg, to: .queued, reason: nil, on: db)
        var queued = leg
        queued.status = .queued
        queued.hold = nil
        queued.queuedAt = try changed["queued_at"]
        try db.run(queueRows([queued], for: db.dialect))
        changes.events.append(.jobQueued(queued))
    }

    /// Starts a called workflow: evaluates what is passed and makes its jobs.
    private func startCall(_ leg: JobExecution, on db: isolated any StorageConnection) throws {
        let job = try definition(of: leg, on: db)
        guard case .call(let call) = job.body else { return }
        let caller = try workflow(version: leg.versionID, on: db).file
        guard let version = referencedVersion(call.file(from: caller)) else {
            return try fail(
                leg, call.usesPosition, "\(call.uses) is not a workflow that this run has", reason: .callInvalid,
                on: db)
        }
        let callee = try workflow(version: version, on: db)
        guard try hasRoom(for: callee.jobs.count, on: db) else {
            let message = "the run would have more than \(CallLimits.jobs) jobs"
            return try fail(leg, call.usesPosition, message, reason: .callInvalid, on: db)
        }
        guard let interface = callee.call else {
            return try fail(
                leg, call.usesPosition, "\(call.uses) cannot be called: it has no on.workflow_call",
                reason: .callInvalid, on: db)
        }
        let needs = try NeedsView(of: leg, needs: job.needs, on: db)
        var context = try contexts(of: leg, needs: needs, on: db)
        context.values.merge(try legContexts(of: leg)) { _, new in new }
        let inputs: ExpressionObject
        do {
            var given: ExpressionObject?
            if case .object(let object)? = try call.with?.evaluate(in: context) { given = object }
            inputs = try InputValues.called(given, for: interface, in: context, at: call.usesPosition)
        } catch {
            return try fail(leg, error.position, error.message, reason: .callInvalid, on: db)
        }
        context.values["inputs"] = .object(inputs)
        if leg.concurrencyKey == nil, try joinGroup(of: callee, leg, at: call.usesPosition, in: context, on: db) {
            return try admit(leg, on: db)
        }
        try db.run(
            Update("actions_job_executions").set("status", JobStatus.inProgress).set("hold", nil as JobHold?)
                .set("inputs", ExpressionValue.object(inputs).json(pretty: false))
                .set("queued_at", .clampedNow(after: "created_at"))
                .set("started_at", .clampedNow(after: "created_at"))
                .where("id = \(leg.id)").and("status = 'pending'"))
        try recordTransition(job: leg, to: .inProgress, reason: nil, on: db)
        try markRunStarted(on: db)
        let parent = try execution(leg.id, on: db)
        changes.events.append(.jobStarted(parent))
        try instantiate(callee, version: version, under: parent, on: db)
    }

    /// Gives a call the concurrency group of the workflow that it calls; one of the calling job goes before it. True when
    /// the call has a group now, and is to be admitted again.
    private func joinGroup(
        of callee: Workflow, _ leg: JobExecution, at position: SourcePosition, in context: ExpressionContext,
        on db: isolated any StorageConnection
    ) throws -> Bool {
        guard let concurrency = callee.concurrency else { return false }
        do {
            let request = try ConcurrencyRequest(concurrency, in: context)
            guard let key = request.key else { return false }
            try db.run(
                Update("actions_job_executions").set("concurrency_key", key)
                    .set("concurrency_cancels", request.cancelInProgress)
                    .set("concurrency_depth", Int64(request.queueDepth)).where("id = \(leg.id)"))
        } catch let error as TemplateError {
            try fail(leg, position, error.message, on: db)
        }
        return true
    }

    /// The `matrix` and `strategy` contexts of a leg.
    func legContexts(of leg: JobExecution) throws -> [String: ExpressionValue] {
        [
            "matrix": try leg.matrix.map { try ExpressionValue(json: $0) } ?? .null,
            "strategy": StrategyContext.value(
                failFast: leg.failFast, index: leg.matrixIndex, total: leg.matrixTotal, maxParallel: leg.maxParallel),
        ]
    }

    /// The run is in progress as soon as its first job is; its start is set once.
    func markRunStarted(on db: isolated any StorageConnection) throws {
        guard run.status == .queued else { return }
        try db.run(
            Update("actions_workflow_runs").set("status", RunStatus.inProgress).set("hold", nil as RunHold?)
                .set("started_at", .clampedNow(after: "created_at"))
                .where("id = \(run.id)").and("status = 'queued'"))
        try db.run(
            Update("actions_run_attempts").set("status", RunStatus.inProgress).set("run_started_at", .now)
                .where("id = \(attemptID)"))
        try recordTransition(from: .queued, to: .inProgress, reason: nil, on: db)
        run.status = .inProgress
        run.hold = nil
    }
}
