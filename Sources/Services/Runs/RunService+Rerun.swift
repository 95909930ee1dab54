public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// What of an earlier attempt a re-run takes over.
public enum RerunScope: Sendable {
    case all
    /// Jobs that failed or were cancelled, and those that depend on them.
    case failed
    /// One job by key, and those that depend on it.
    case job(String)
}

extension RunService {
    /// A new attempt of a run that has ended, with the same number, event and workflow version. Jobs that need not run
    /// again are carried over with their results and outputs. Throws ``ServiceError`` when the run has not ended, or
    /// nothing of it is to run again.
    public func rerun(
        _ id: RunID, _ scope: RerunScope, runner: RunnerID?, actor: String,
        by principal: Principal
    ) async throws -> WorkflowRun {
        let services = services
        return try await services.transaction { db, changes in
            try db.lock(Select("id").from("actions_workflow_runs").where("id = \(id)"))
            let previous = try Self.run(id, on: db)
            guard previous.status.isTerminal else {
                throw ServiceError(.illegalTransition, "run \(id)", "it has not ended")
            }
            guard previous.latestAttempt < 51 else {
                throw ServiceError(.limit, "run \(id)", "a run can be started again 50 times")
            }
            let workflow = try services.workflows.version(previous.versionID, changes, on: db).workflow
            let executions = try db.run(
                RunScheduler.executions()
                    .join("actions_run_attempts AS a", on: "a.id = e.attempt_id")
                    .where("e.workflow_run_id = \(id)").and("a.attempt = \(previous.latestAttempt)")
                    .and("e.parent_execution_id IS NULL").orderBy("e.id")
            ).map { row in try JobExecution(row) }
            let selection: String = try db.one(
                Select("selection").from("actions_workflow_runs").where("id = \(id)"))["selection"]
            if case .job(let key) = scope, workflow.job(key) == nil {
                throw ServiceError(.notFound, "run \(id)", "its workflow has no job \(key)")
            }
            let plan = RerunPlan(
                workflow, executions, scope, chosen: try RunSelection(json: selection).jobs(of: workflow))
            guard plan.runsAnything else {
                throw ServiceError(.conflict, "run \(id)", "no job of it is to run again")
            }
            try db.run(
                Update("actions_workflow_runs").set("status", RunStatus.queued).set("hold", nil as RunHold?)
                    .set("conclusion", nil as RunConclusion?).set("status_reason", nil as StatusReason?)
                    .set("completed_at", nil as Timestamp?).set("started_at", nil as Timestamp?)
                    .set("cancel_requested_at", nil as Timestamp?).set("superseded_by", nil as RunID?)
                    .set("logs_removed_at", nil as Timestamp?)
                    .set("triggering_actor", actor).set("latest_attempt", previous.latestAttempt + 1)
                    .where("id = \(id)"))
            try Self.insertAttempt(
                previous.latestAttempt + 1, of: id, previous.repositoryID, actor: actor, runner: runner, on: db)
            let scheduler = try changes.scheduler(
                id, services: services, by: principal, on: db)
            try scheduler.beginAgain(workflow, carried: plan.carried, after: previous.status, on: db)
            try AuditLog.record(
                AuditEntry(
                    .runRerun, .run, id.rawValue, repository: previous.repositoryID,
                    after: [("attempt", .number(Double(previous.latestAttempt + 1)))]), by: principal, on: db)
            try changes.drain(on: db)
            return try Self.run(id, on: db)
        }
    }
}

/// Which jobs of the last attempt run again.
struct RerunPlan {
    /// By job key.
    private(set) var carried: [String: CarriedJob] = [:]
    private(set) var runsAnything = false

    init(_ workflow: Workflow, _ executions: [JobExecution], _ scope: RerunScope, chosen: Set<String>) {
        let jobs = workflow.jobs.filter { chosen.contains($0.id.lowercased()) }
        let byKey = Dictionary(grouping: executions, by: \.jobKey)
        var again: Set<String> = []
        // Needs stand in any order in the file: repeat until nothing is added.
        var grew = true
        while grew {
            grew = false
            for job in jobs where !again.contains(job.id) {
                let isChosen = Self.isChosen(job, byKey[job.id] ?? [], scope)
                if isChosen || job.needs.contains(where: { again.contains($0.id) }) {
                    again.insert(job.id)
                    grew = true
                }
            }
        }
        runsAnything = !again.isEmpty
        for job in jobs {
            let legs = byKey[job.id] ?? []
            let dependsOnRerun = job.needs.contains { again.contains($0.id) }
            if !again.contains(job.id) {
                carried[job.id] = CarriedJob(legs: legs, failedLegs: [])
            } else if case .failed = scope, !dependsOnRerun, legs.count > 1, legs.allSatisfy({ $0.kind == .steps }) {
                carried[job.id] = CarriedJob(
                    legs: legs.filter { !Self.needsRerun($0) }, failedLegs: legs.filter(Self.needsRerun))
            }
        }
    }

    private static func isChosen(_ job: Job, _ legs: [JobExecution], _ scope: RerunScope) -> Bool {
        switch scope {
        case .all: true
        case .failed: legs.isEmpty || legs.contains(where: needsRerun)
        case .job(let key): job.id.lowercased() == key.lowercased()
        }
    }

    private static func needsRerun(_ leg: JobExecution) -> Bool {
        switch leg.conclusion {
        case .failure, .startupFailure, .cancelled: true
        case .success, .neutral, .skipped, nil: false
        }
    }
}

/// A job of an earlier attempt: legs that are carried over, and legs of the same matrix that run again.
struct CarriedJob {
    var legs: [JobExecution]
    var failedLegs: [JobExecution]
}

extension CarriedJob {
    /// Rows of this attempt for a job of the attempt before. Legs of a run that waits for its group become ready with
    /// the run.
    func executions(in scheduler: RunScheduler, hold: JobHold?, at time: Timestamp) -> [JobExecution] {
        legs.map { leg in
            var copy = leg
            copy.attemptID = scheduler.attemptID
            copy.sourceID = leg.sourceID ?? leg.id
            copy.isExpanded = true
            copy.hold = nil
            copy.cancelRequestedAt = nil
            return copy
        }
            + failedLegs.map { leg in
                var again = JobExecution(
                    id: leg.id, repositoryID: leg.repositoryID, runID: leg.runID, attemptID: scheduler.attemptID,
                    jobID: leg.jobID, versionID: leg.versionID, jobKey: leg.jobKey, kind: leg.kind, name: leg.name,
                    createdAt: time)
                again.callPath = leg.callPath
                again.matrix = leg.matrix
                again.matrixIndex = leg.matrixIndex
                again.matrixTotal = leg.matrixTotal
                again.isExpanded = true
                again.failFast = leg.failFast
                again.maxParallel = leg.maxParallel
                again.continueOnError = leg.continueOnError
                again.inputs = leg.inputs
                again.labelSetID = leg.labelSetID
                again.environment = leg.environment
                again.priority = leg.priority
                again.concurrencyKey = leg.concurrencyKey
                again.concurrencyCancels = leg.concurrencyCancels
                again.concurrencyDepth = leg.concurrencyDepth
                again.hold = hold
                return again
            }
    }
}
