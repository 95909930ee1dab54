internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    /// Makes one execution a job of the workflow, with its needs. A job that has a matrix is one row until its `if` and
    /// matrix are evaluated, which may need the outputs of other jobs. Jobs without needs become ready, or are queued
    /// at once when nothing else is to be asked.
    func instantiate(
        _ workflow: Workflow, version: Int64, under parent: JobExecution?, carried: [String: CarriedJob] = [:],
        hold: JobHold? = nil, existing: [String: [JobExecution]] = [:], on db: isolated any StorageConnection
    ) throws {
        let batch = try plan(
            workflow, version: version, under: parent, carried: carried, hold: hold, existing: existing, on: db)
        try db.runAll(batch.queries(of: self, for: db.dialect))
        adopt(batch)
    }

    /// Publishes what a stored batch began, and notes what is to be decided about.
    func adopt(_ batch: ExecutionBatch) {
        changes.changedRuns.insert(run.id)
        changes.events += batch.queued.map { .jobQueued($0) }
        ready += batch.ready
    }

    /// The rows of a workflow's jobs, nothing of it stored, but of those that exist. `reserved` are ids to use when they
    /// are enough.
    func plan(
        _ workflow: Workflow, version: Int64, under parent: JobExecution?, carried: [String: CarriedJob] = [:],
        hold: JobHold? = nil, reserved: [Int64] = [], at time: Timestamp? = nil,
        existing: [String: [JobExecution]] = [:], on db: isolated any StorageConnection
    ) throws -> ExecutionBatch {
        let definitions = try services.workflows.version(version, changes, on: db).definitions
        let time = try time ?? Self.time(on: db)
        let chosen = parent == nil ? selection.jobs(of: workflow) : RunSelection().jobs(of: workflow)
        let callPath = parent.map { $0.callPath + $0.pathComponent } ?? ""
        var batch = ExecutionBatch()
        for job in workflow.jobs
        where chosen.contains(job.id.lowercased()) && existing[job.id.lowercased()] == nil {
            guard let definition = definitions[job.id] else {
                throw ServiceError(.notFound, "job \(job.id)", "version \(version) of its workflow has no such job")
            }
            if let kept = carried[job.id] {
                batch.add(job, kept.executions(in: self, hold: hold, at: time), isCarried: true)
                continue
            }
            let isCall = if case .call = job.body { true } else { false }
            var execution = JobExecution(
                id: ID(0), repositoryID: run.repositoryID, runID: run.id, attemptID: attemptID, jobID: definition,
                versionID: version, jobKey: job.id, kind: isCall ? .call : .steps,
                name: displayName(job.literalName, under: parent), createdAt: time)
            execution.parentID = parent?.id
            execution.callPath = callPath
            execution.priority = run.priority
            execution.hold = hold ?? (job.needs.isEmpty ? nil : .needs)
            let isFree = hold == nil && job.needs.isEmpty
            let queued = isFree ? try queuedLegs(of: execution, job, under: parent, on: db) : nil
            batch.add(job, queued ?? [execution], isCarried: false)
            guard batch.count <= CallLimits.jobs else {
                throw ServiceError(
                    Diagnostic(
                        code: "job-limit", message: "a run has at most \(CallLimits.jobs) jobs", file: workflow.file,
                        at: job.position))
            }
        }
        let count = batch.count
        let ids = reserved.count >= count ? reserved : try Self.reserve(count, of: "actions_job_executions", on: db)
        batch.number(ids, link: workflow.jobs, existing: existing)
        return batch
    }

    /// The legs of a job that may be queued without asking anything more: no group, no limit, no label of another
    /// system. Nil when it must be decided about one by one, its errors included.
    private func queuedLegs(
        of execution: JobExecution, _ job: Job, under parent: JobExecution?, on db: isolated any StorageConnection
    ) throws -> [JobExecution]? {
        guard execution.kind == .steps, run.cancelRequestedAt == nil else { return nil }
        let context = try contexts(inputs: try inputs(of: execution, on: db), needs: NeedsView(), on: db)
        guard let condition = try? job.condition.evaluate(in: context), condition.isTruthy,
            let legs = try? LegPlan.make(
                job, selection: parent == nil ? selection : RunSelection(), in: context), !legs.isEmpty
        else { return nil }
        for leg in legs {
            guard let labels = leg.labels, leg.concurrency?.key == nil, leg.environment == nil else { return nil }
            if let limit = leg.maxParallel, legs.count > limit { return nil }
            if boundRunner != nil, labels.contains(where: { HostPlatform.isOfAnotherSystem($0.lowercased()) }) {
                return nil
            }
        }
        return try legs.enumerated().map { index, leg in
            var row = try expanded(execution, leg, index: index, of: legs.count, under: parent, on: db)
            row.status = .queued
            row.queuedAt = row.createdAt
            return row
        }
    }

    /// Whether that many jobs more are not too many for the run.
    func hasRoom(for count: Int, on db: isolated any StorageConnection) throws -> Bool {
        let row = try db.one(
            Select("count(*) AS n").from("actions_job_executions").where("attempt_id = \(attemptID)"))
        return try row["n"] + Int64(count) <= CallLimits.jobs
    }

    /// `caller / callee`
    func displayName(_ name: String, under parent: JobExecution?) -> String {
        parent.map { "\($0.name) / \(name)" } ?? name
    }

    /// The database's clock.
    static func time(on db: isolated any StorageConnection) throws -> Timestamp {
        try db.one(Select("\(.now) AS at"), "the time")["at"]
    }

    static func reserve(
        _ count: Int, of table: StaticString, on db: isolated any StorageConnection
    ) throws -> [Int64] {
        count == 0 ? [] : try db.run(Reserve(count, of: table)).map { row in try row.reservedID(of: table.description) }
    }
}

extension JobExecution {
    /// The part that this caller adds to the call path of the jobs that it calls.
    var pathComponent: String {
        matrixTotal > 1 ? "\(jobKey)#\(matrixIndex)/" : "\(jobKey)/"
    }
}

extension Job {
    /// The name as far as it is known before any expression is evaluated.
    var literalName: String {
        if case .string(let text)? = name?.kind, !text.isEmpty { return text }
        return id
    }
}
