public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// What of an earlier attempt a re-run takes over.
public enum RerunScope: Sendable {
    case all
    /// Jobs that failed or were cancelled, and those that depend on them.
    case failed
    /// One job by its key, or the name that is shown, and those that depend on it.
    case job(String)
}

extension RunService {
    /// A new attempt of a run, with the same number, event and workflow version. Jobs that need not run again are carried
    /// over with their results and outputs. Of a run that goes on, jobs that are open go over to the new attempt as they
    /// are, their runners notice nothing, and `runner` is not asked for.
    ///
    /// Throws ``ServiceError`` `conflict` when nothing of it is to run again, the job has not ended or is one of several of
    /// that name, or what needs it runs; `illegal_transition` for all jobs of a run that goes on, or one that is being
    /// cancelled; `limit`, `not_found`.
    public func rerun(
        _ id: RunID, _ scope: RerunScope, runner: RunnerID?, actor: String,
        by principal: Principal
    ) async throws -> WorkflowRun {
        try await services.access.check(.runRerun, .run(id), by: principal)
        return try await refusing(.runRerun, .run(id), by: principal) {
            try await again(id, scope, runner: runner, actor: actor, by: principal)
        }
    }

    private func again(
        _ id: RunID, _ scope: RerunScope, runner: RunnerID?, actor: String, by principal: Principal
    ) async throws -> WorkflowRun {
        let services = services
        return try await services.transaction { db, changes in
            try db.lock(Select("id").from("actions_workflow_runs").where("id = \(id)"))
            let previous = try Self.run(id, on: db)
            if principal.kind == .job { try JobDispatch.check(previous, actor: actor, by: principal, on: db) }
            if !previous.status.isTerminal { try OpenRerun.check(previous, scope) }
            guard previous.latestAttempt < 51 else {
                throw ServiceError(.limit, "run \(id)", "a run can be started again 50 times")
            }
            let workflow = try services.workflows.version(previous.versionID, changes, on: db).workflow
            let executions = try db.run(
                RunScheduler.executions()
                    .join("actions_run_attempts AS a", on: "a.id = e.attempt_id")
                    .where("e.workflow_run_id = \(id)").and("a.attempt = \(previous.latestAttempt)").orderBy("e.id")
            ).map { row in try JobExecution(row) }
            let selection: String = try db.one(
                Select("selection").from("actions_workflow_runs").where("id = \(id)"))["selection"]
            let chosen = try RunSelection(json: selection).jobs(of: workflow)
            var scope = scope
            if case .job(let text) = scope {
                let jobs = workflow.jobs.filter { chosen.contains($0.id.lowercased()) }
                scope = .job(try RerunTarget(run: id, jobs: jobs, executions: executions).key(of: text))
            }
            let top = executions.filter { $0.parentID == nil }
            let plan = RerunPlan(workflow, top, scope, chosen: chosen)
            guard plan.runsAnything else {
                throw ServiceError(.conflict, "run \(id)", "no job of it is to run again: none that has ended failed")
            }
            if !previous.status.isTerminal {
                let open = OpenRerun(
                    previous: previous, plan: plan, executions: executions, actor: actor, services: services,
                    principal: principal, changes: changes)
                return try open.begin(workflow, on: db)
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
                previous.latestAttempt + 1, of: id, previous.repositoryID, actor: actor, by: principal,
                runner: runner, on: db)
            let scheduler = try changes.scheduler(
                id, services: services, by: principal, on: db)
            try scheduler.beginAgain(workflow, carried: plan.carried, after: previous.status, on: db)
            try Self.auditRerun(of: previous, by: principal, on: db)
            try changes.drain(on: db)
            return try Self.run(id, on: db)
        }
    }
    static func auditRerun(
        of previous: WorkflowRun, by principal: Principal, on db: isolated any StorageConnection
    ) throws {
        try AuditLog.record(
            AuditEntry(
                .runRerun, .run, previous.id.rawValue, repository: previous.repositoryID,
                after: [("attempt", .number(Double(previous.latestAttempt + 1)))]), by: principal, on: db)
    }
}
