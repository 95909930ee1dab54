public import Storage

/// A cron of a workflow's current version: `actions_schedules`.
public struct Schedule: Sendable {
    /// What becomes of occurrences at which no server was there.
    public enum MissedPolicy: String, Sendable, CaseIterable {
        /// Nothing, unless they are less than five minutes late.
        case skip
        /// One run, of the newest.
        case runOnce = "run_once"
        /// A run each.
        case runAll = "run_all"
    }

    public var id: ScheduleID
    public var repositoryID: RepositoryID
    public var workflowID: WorkflowID
    public var cron: String
    /// A name of the IANA database.
    public var timezone: String
    /// Who brought it: the actor of its runs.
    public var actor: String
    public var missedPolicy: MissedPolicy
    /// The next occurrence; with ``planFrom`` the moment at which it is computed. Nil: never again, or not while the
    /// workflow is disabled.
    public var nextDueAt: Timestamp?
    /// The next occurrence is the first after this; nil when it is computed.
    public var planFrom: Timestamp?
    /// Why it cannot be computed: a phrase for people.
    public var fault: String?
    /// The occurrence that made its last run.
    public var lastFiredAt: Timestamp?

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        repositoryID = ID(try row["repository_id"])
        workflowID = ID(try row["workflow_id"])
        cron = try row["cron"]
        timezone = try row["timezone"]
        actor = try row["actor"]
        missedPolicy = try row["missed_policy"]
        nextDueAt = try row["next_due_at"]
        planFrom = try row["plan_from"]
        fault = try row["fault"]
        lastFiredAt = try row["last_fired_at"]
    }
}
