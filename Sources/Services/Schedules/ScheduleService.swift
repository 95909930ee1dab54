public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The schedules of workflows: when they are due, and the runs that they make.
///
/// **Why an occurrence fires once.** One transaction locks the schedule's row, stores the occurrence under its time, which
/// is unique, makes the run and moves the row to the next occurrence. Whoever comes at the same time finds the row locked,
/// and later finds it moved; when the transaction is lost, so is all of it, and the next look fires.
public struct ScheduleService: Sendable {
    let services: Services

    /// A schedule with the workflow that it is of.
    public struct Entry: Sendable {
        public var schedule: Schedule
        public var repositoryName: String
        /// `.github/workflows/ci.yml`
        public var filename: String
        public var state: WorkflowRecord.State
        public var isArchived: Bool
    }

    /// Those of a repository (nil: of all that the principal may see), by file. Schedules of deleted workflows are not among them.
    public func list(in repository: RepositoryID? = nil, by principal: Principal) async throws -> [Entry] {
        var query = Select("s.*", "p.owner", "p.name AS repository_name", "p.archived", "w.filename", "w.state")
            .from("actions_schedules AS s").join("actions_workflows AS w", on: "w.id = s.workflow_id")
            .join("actions_repositories AS p", on: "p.id = s.repository_id").where("w.state <> 'deleted'")
        if let repository {
            try await services.access.check(.scheduleRead, .repository(repository), by: principal)
            query = query.and("s.repository_id = \(repository)")
        } else {
            query = query.and(try await services.access.readable(.scheduleRead, by: principal))
        }
        let chosen = query.orderBy("s.repository_id", "w.filename", "s.id").limit(10_000)
        return try await services.backend.read { db in
            try db.run(chosen).map { row in
                Entry(
                    schedule: try Schedule(row),
                    repositoryName: "\(try row["owner"] as String)/"
                        + (try row["repository_name"] as String), filename: try row["filename"],
                    state: try row["state"], isArchived: try row["archived"])
            }
        }
    }

    /// What became of the last occurrences, the newest first; those of 90 days are kept.
    public func occurrences(
        of id: ScheduleID, limit: Int = 100, by principal: Principal
    ) async throws -> [ScheduleOccurrence] {
        try await services.access.check(.scheduleRead, .schedule(id), by: principal)
        let limit = try InputCheck.limit(limit)
        return try await services.backend.read { db in
            try db.run(
                Select("*").from("actions_schedule_occurrences").where("schedule_id = \(id)")
                    .orderBy("due_at DESC").limit(limit)
            ).map { row in try ScheduleOccurrence(row) }
        }
    }

    /// Says what becomes of missed occurrences of a workflow's schedules, also of those that are missed already. Throws
    /// ``ServiceError`` `not_found` for the workflow, `conflict` when it has no schedule.
    public func setMissedPolicy(
        _ policy: Schedule.MissedPolicy, of workflow: WorkflowID, by principal: Principal
    ) async throws {
        try await services.access.check(.scheduleUpdate, .workflow(workflow), by: principal)
        try await services.transaction { db, _ in
            try db.lock(Select("id").from("actions_workflows").where("id = \(workflow)"))
            let record = try WorkflowService.record(workflow, on: db)
            let before = try db.first(
                Select("missed_policy").from("actions_schedules").where("workflow_id = \(workflow)").orderBy("id"))
            guard record.state != .deleted, let before else {
                throw ServiceError(.conflict, "workflow \(record.filename)", "it has no schedule")
            }
            try db.run(
                Update("actions_schedules").set("missed_policy", policy).where("workflow_id = \(workflow)"))
            let key = "missed_policy"
            try AuditLog.record(
                AuditEntry(
                    .workflowUpdate, .workflow, workflow.rawValue, repository: record.repositoryID,
                    before: [(key, .string(try before[key]))], after: [(key, .string(policy.rawValue))]),
                by: principal, on: db)
        }
    }
}
