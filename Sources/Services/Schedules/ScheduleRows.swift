internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Keeps `actions_schedules` what the workflows' current versions say. Who changes them holds the workflow's row, or that
/// of the repository, before.
enum ScheduleRows {
    private struct Key: Hashable {
        var cron: String
        var timezone: String
    }

    /// After a version became the current one of a workflow. New crons are planned from now on, by a server; those that
    /// stay keep their next occurrence. `workflow` is nil for a file that cannot be read: its schedules wait.
    static func follow(
        _ workflow: Workflow?, _ stored: StoredVersion, in repository: RepositoryID, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws {
        let rows = try db.run(
            Select("id", "cron", "timezone", "missed_policy").from("actions_schedules")
                .where("workflow_id = \(stored.workflowID)").orderBy("id"))
        var wanted = Set(
            (workflow?.triggers ?? []).flatMap(\.schedules).map {
                Key(cron: $0.cron, timezone: $0.timezone ?? "UTC")
            })
        if rows.isEmpty, wanted.isEmpty { return }
        let policy = try rows.first.map { row in try row["missed_policy"] as Schedule.MissedPolicy } ?? .runOnce
        var gone: [Int64] = []
        for row in rows where wanted.remove(Key(cron: try row["cron"], timezone: try row["timezone"])) == nil {
            gone.append(try row["id"])
        }
        guard workflow != nil else {
            try db.run(
                Update("actions_schedules").set("version_id", stored.versionID)
                    .set("next_due_at", nil as Timestamp?).set("plan_from", nil as Timestamp?)
                    .set("fault", nil as String?).where("workflow_id = \(stored.workflowID)"))
            return
        }
        let new: [[any Bindable]] = wanted.sorted { ($0.cron, $0.timezone) < ($1.cron, $1.timezone) }.map { key in
            [
                repository, stored.workflowID, stored.versionID, key.cron, key.timezone, principal.name,
                policy.rawValue, SQL.now,
            ]
        }
        try db.run([
            Delete("actions_schedules").where("id IN \(gone)"),
            Update("actions_schedules").set("version_id", stored.versionID)
                .where("workflow_id = \(stored.workflowID)"),
        ])
        try db.run(
            Insert("actions_schedules").rows(
                [
                    "repository_id", "workflow_id", "version_id", "cron", "timezone", "actor", "missed_policy",
                    "created_at",
                ], new))
        try adjust("workflow_id = \(stored.workflowID)", on: db)
    }

    /// After workflows were enabled or disabled, or their repository archived: no occurrence is due while they cannot
    /// run, and none is made up for afterwards.
    static func adjust(_ scope: SQL, on db: isolated any StorageConnection) throws {
        let live: SQL = """
            EXISTS (SELECT 1 FROM actions_workflows AS w JOIN actions_repositories AS p ON p.id = w.repository_id
            WHERE w.id = actions_schedules.workflow_id AND w.state = 'active' AND NOT p.archived)
            """
        try db.run([
            Update("actions_schedules").set("next_due_at", .now).set("plan_from", .now)
                .where(scope).and("next_due_at IS NULL").and(live),
            Update("actions_schedules").set("next_due_at", nil as Timestamp?).set("plan_from", nil as Timestamp?)
                .set("fault", nil as String?)
                .where(scope).and("next_due_at IS NOT NULL").and("NOT \(live)"),
        ])
    }
}
