public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension QueueService {
    /// Gives a run another priority, -100 to 100: its jobs that wait, and those that come, go before all of a lower one.
    /// What waits stands behind the jobs of its repository with that priority. Throws ``ServiceError`` `invalid_input`,
    /// `not_found`, `illegal_transition` when the run has ended.
    @discardableResult
    public func prioritize(_ id: RunID, _ priority: Int64, by principal: Principal) async throws -> WorkflowRun {
        try await services.access.check(.runPrioritize, .run(id), by: principal)
        let priority = try InputCheck.priority(priority)
        let services = services
        return try await services.transaction { db, changes in
            let scheduler = try changes.scheduler(id, services: services, by: principal, on: db)
            let before = scheduler.run
            if before.status.isTerminal {
                throw ServiceError(.illegalTransition, "run \(id)", "it has ended already")
            }
            if before.priority == priority { return before }
            // What a server puts into the queue just now is there then, or comes with the new priority.
            let ofRun: SQL = "(SELECT e.id FROM actions_job_executions AS e WHERE e.workflow_run_id = \(id))"
            try db.lock(
                Select("execution_id").from("actions_delayed_jobs").where("execution_id IN \(ofRun)")
                    .orderBy("execution_id"))
            // Before the jobs: a claim that holds one of these is waited for, and waits for nothing of this transaction.
            let waiting = try db.run(
                Delete("actions_job_queue").where("workflow_run_id = \(id)").returning("execution_id")
            ).map { row in try row["execution_id"] as Int64 }
            try db.runAll([
                Update("actions_workflow_runs").set("priority", priority).where("id = \(id)"),
                Update("actions_job_executions").set("priority", priority)
                    .where("workflow_run_id = \(id)").and("conclusion IS NULL"),
            ])
            scheduler.run.priority = priority
            if !waiting.isEmpty {
                let jobs = try db.run(RunScheduler.executions().where("e.id IN \(waiting)").orderBy("e.id"))
                    .map { row in try JobExecution(row) }
                try db.run(scheduler.queueRows(jobs, for: db.dialect))
            }
            try AuditLog.record(
                AuditEntry(
                    .runPrioritize, .run, id.rawValue, repository: before.repositoryID,
                    before: [("priority", .number(Double(before.priority)))],
                    after: [("priority", .number(Double(priority)))]), by: principal, on: db)
            return scheduler.run
        }
    }
}
