internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// A new attempt of a run that goes on, within the transaction that locked the run: the last attempt ends with what has
/// ended of it; jobs that are open, with all of their legs and calls, go over as they are.
struct OpenRerun {
    let previous: WorkflowRun
    let plan: RerunPlan
    /// Of the last attempt.
    let executions: [JobExecution]
    let actor: String
    let services: Services
    let principal: Principal
    let changes: Changes

    private var id: RunID { previous.id }

    /// Throws ``ServiceError`` `illegal_transition` for what no open run allows.
    static func check(_ run: WorkflowRun, _ scope: RerunScope) throws {
        if case .all = scope {
            throw ServiceError(
                .illegalTransition, "run \(run.id)", "it has not ended: only failed jobs, or one, can run again")
        }
        // What is added would start without the approval, or the group.
        if let hold = run.hold {
            let cause = hold == .waiting ? "an approval" : "its concurrency group"
            throw ServiceError(
                .illegalTransition, "run \(run.id)", "it waits for \(cause): nothing of it can run again yet")
        }
        if run.cancelRequestedAt != nil {
            throw ServiceError(.illegalTransition, "run \(run.id)", "it is being cancelled")
        }
    }

    func begin(_ workflow: Workflow, on db: isolated any StorageConnection) throws -> WorkflowRun {
        if let job = plan.overtaken {
            throw ServiceError(
                .conflict, "run \(id)", "job \(job), which needs what is to run again, is open: wait for it")
        }
        let moved = movedIDs
        let left = executions.filter { $0.parentID == nil && !moved.contains($0.id) }
        try open(moved, conclusion: Self.conclusion(of: left), on: db)
        try disconnect(executions.filter { !moved.contains($0.id) }, from: moved, on: db)
        let scheduler = try changes.scheduler(id, services: services, by: principal, on: db)
        let existing = executions.filter { $0.parentID == nil && moved.contains($0.id) }
        scheduler.beganJobs = true
        try scheduler.instantiate(
            workflow, version: previous.versionID, under: nil, carried: plan.carried,
            existing: Dictionary(grouping: existing) { $0.jobKey.lowercased() }, on: db)
        try connect(existing, of: workflow, in: scheduler, on: db)
        try RunService.auditRerun(of: previous, by: principal, on: db)
        try changes.drain(on: db)
        return try RunService.run(id, on: db)
    }

    /// The executions of open jobs, with those that they called.
    private var movedIDs: Set<ExecutionID> {
        var moved: Set<ExecutionID> = []
        // A job is made after the call that it belongs to.
        for execution in executions {
            let isOpen = execution.parentID.map(moved.contains) ?? plan.open.contains(execution.jobKey)
            if isOpen { moved.insert(execution.id) }
        }
        return moved
    }

    /// Jobs that ended with the attempt say how it ended.
    private static func conclusion(of jobs: [JobExecution]) -> RunConclusion {
        switch JobConclusion.combined(jobs.compactMap(\.result)) {
        case .failure, .startupFailure: .failure
        case .cancelled: .cancelled
        case .skipped: .skipped
        case .success, .neutral: .success
        }
    }

    /// Ends the last attempt, and opens the next with what goes over to it.
    private func open(
        _ moved: Set<ExecutionID>, conclusion: RunConclusion, on db: isolated any StorageConnection
    ) throws {
        let next = previous.latestAttempt + 1
        let attempt = try RunScheduler.reserve(1, of: "actions_run_attempts", on: db)[0]
        let time = try RunScheduler.time(on: db)
        try db.run([
            Update("actions_run_attempts").set("status", conclusion.status).set("conclusion", conclusion)
                .set("completed_at", time).where("run_id = \(id)").and("attempt = \(previous.latestAttempt)"),
            Update("actions_workflow_runs").set("latest_attempt", next).set("triggering_actor", actor)
                .where("id = \(id)"),
            Insert("actions_run_attempts").values([
                "id": attempt, "run_id": id, "attempt": next, "triggering_actor": actor,
                "requested_by": try Requester.name(behind: actor, principal, on: db),
                "status": previous.status.rawValue, "created_at": time,
                "run_started_at": previous.status == .inProgress ? time : nil,
            ]),
            Update("actions_live_runs").set("attempt_id", attempt).where("run_id = \(id)"),
            Update("actions_job_executions").set("attempt_id", attempt)
                .where("id IN \(moved.map(\.rawValue).sorted())"),
        ])
        changes.changedRuns.insert(id)
    }

    /// What ended without its needs, as it was cancelled, stays behind and waits for them no more.
    private func disconnect(
        _ left: [JobExecution], from moved: Set<ExecutionID>, on db: isolated any StorageConnection
    ) throws {
        let ids = left.filter { $0.pendingNeeds > 0 }.map(\.id.rawValue)
        guard !ids.isEmpty else { return }
        let gone = moved.map(\.rawValue).sorted()
        try db.run([
            Delete("actions_execution_needs").where("execution_id IN \(ids)").and("needs_execution_id IN \(gone)"),
            Self.recount(ids),
        ])
    }

    private static func recount(_ ids: [Int64]) -> Update {
        Update("actions_job_executions").set(
            "pending_needs",
            sql: """
                (SELECT count(*) FROM actions_execution_needs AS n JOIN actions_job_executions AS o
                ON o.id = n.needs_execution_id WHERE n.execution_id = actions_job_executions.id
                AND o.conclusion IS NULL)
                """
        ).where("id IN \(ids)")
    }

    /// What needed a job of the last attempt needs its successor.
    private func connect(
        _ moved: [JobExecution], of workflow: Workflow, in scheduler: RunScheduler,
        on db: isolated any StorageConnection
    ) throws {
        let ids = moved.map(\.id.rawValue)
        let rows = try db.run(
            RunScheduler.executions().where("e.attempt_id = \(scheduler.attemptID)")
                .and("e.parent_execution_id IS NULL").and("e.id NOT IN \(ids)"))
        let successors = Dictionary(grouping: try rows.map { row in try JobExecution(row) }) { $0.jobKey.lowercased() }
        var edges: [(needed: ExecutionID, by: ExecutionID)] = []
        for execution in moved {
            for need in workflow.job(execution.jobKey)?.needs ?? [] {
                edges += (successors[need.id.lowercased()] ?? []).map { ($0.id, execution.id) }
            }
        }
        try db.run(
            Delete("actions_execution_needs").where("execution_id IN \(ids)").and("needs_execution_id NOT IN \(ids)"))
        if !edges.isEmpty {
            try db.run(
                Insert("actions_execution_needs").rows(
                    ["needs_execution_id", "execution_id"], edges.map { [$0.needed, $0.by] }))
        }
        try db.run(Self.recount(ids))
    }
}
