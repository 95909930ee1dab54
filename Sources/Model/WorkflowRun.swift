public import Storage

/// One run of a workflow: `actions_workflow_runs`.
public struct WorkflowRun: Sendable {
    public var id: RunID
    public var repositoryID: RepositoryID
    public var workflowID: Int64
    public var versionID: Int64
    public var runNumber: Int64
    public var event: String
    public var eventID: Int64?
    /// JSON object: the typed inputs of `workflow_dispatch`.
    public var inputs: String
    /// JSON object: the `vars` context.
    public var variables: String
    public var name: String
    public var displayTitle: String
    public var headBranch: String?
    public var headRef: String
    public var headSHA: String
    public var isDirty: Bool
    public var actorID: Int64?
    public var actor: String
    public var triggeringActor: String
    public var status: RunStatus
    public var hold: RunHold?
    public var conclusion: RunConclusion?
    public var statusReason: StatusReason?
    /// JSON list, when it could not start: `{severity, code, message, file, line, column}` each.
    public var diagnostics: String?
    public var concurrencyKey: String?
    /// -100 to 100: jobs of a higher one go first.
    public var priority: Int64
    public var cancelRequestedAt: Timestamp?
    public var latestAttempt: Int64
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?

    /// A new one: queued, its first attempt, JSON objects empty.
    public init(
        id: RunID, repositoryID: RepositoryID, workflowID: Int64, versionID: Int64, runNumber: Int64, event: String,
        name: String, headRef: String, headSHA: String, actor: String, createdAt: Timestamp
    ) {
        self.id = id
        self.repositoryID = repositoryID
        self.workflowID = workflowID
        self.versionID = versionID
        self.runNumber = runNumber
        self.event = event
        self.name = name
        self.headRef = headRef
        self.headSHA = headSHA
        self.actor = actor
        self.createdAt = createdAt
        inputs = "{}"
        variables = "{}"
        displayTitle = name
        isDirty = false
        priority = 0
        triggeringActor = actor
        status = .queued
        latestAttempt = 1
    }

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        repositoryID = ID(try row["repository_id"])
        workflowID = try row["workflow_id"]
        versionID = try row["version_id"]
        runNumber = try row["run_number"]
        event = try row["event"]
        eventID = try row["event_id"]
        inputs = try row["inputs"]
        variables = try row["variables"]
        name = try row["name"]
        displayTitle = try row["display_title"]
        headBranch = try row["head_branch"]
        headRef = try row["head_ref"]
        headSHA = try row["head_sha"]
        isDirty = try row["dirty"]
        actorID = try row["actor_id"]
        actor = try row["actor"]
        triggeringActor = try row["triggering_actor"]
        status = try row["status"]
        hold = try row["hold"]
        conclusion = try row["conclusion"]
        statusReason = try row["status_reason"]
        diagnostics = try row["diagnostics"]
        concurrencyKey = try row["concurrency_key"]
        priority = try row["priority"]
        cancelRequestedAt = try row["cancel_requested_at"]
        latestAttempt = try row["latest_attempt"]
        createdAt = try row["created_at"]
        startedAt = try row["started_at"]
        completedAt = try row["completed_at"]
    }
}
