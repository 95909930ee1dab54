public import Storage

/// One matrix leg, or one call of a reusable workflow, of a run attempt: `actions_job_executions` with the version
/// of its definition.
public struct JobExecution: Sendable {
    public enum Kind: String, Sendable {
        case steps, call
    }

    public var id: ExecutionID
    public var repositoryID: RepositoryID
    public var runID: RunID
    public var attemptID: Int64
    /// The definition: `actions_jobs`.
    public var jobID: Int64
    /// The workflow version that the definition belongs to (of a called workflow: the callee's).
    public var versionID: Int64
    public var parentID: ExecutionID?
    public var sourceID: ExecutionID?
    /// Keys of the callers, each followed by `/`; a leg of a caller's matrix has `#` and its index.
    public var callPath: String
    public var jobKey: String
    public var kind: Kind
    public var name: String
    /// JSON object, when the job has a matrix.
    public var matrix: String?
    public var matrixIndex: Int64
    public var matrixTotal: Int64
    /// False while the row stands for all legs of a job whose `if` and matrix are not evaluated yet.
    public var isExpanded: Bool
    public var failFast: Bool
    public var maxParallel: Int64?
    public var continueOnError: Bool
    /// JSON object: of a call, what the called workflow's `inputs` context holds.
    public var inputs: String?
    public var labelSetID: Int64?
    /// Higher goes first.
    public var priority: Int64
    /// The name of its deployment environment.
    public var environment: String?
    /// The folded name of its concurrency group.
    public var concurrencyKey: String?
    public var concurrencyCancels: Bool
    /// How many may wait in its concurrency group.
    public var concurrencyDepth: Int64
    public var pendingNeeds: Int64
    public var status: JobStatus
    public var hold: JobHold?
    public var conclusion: JobConclusion?
    public var statusReason: StatusReason?
    public var statusMessage: String?
    /// JSON object of texts.
    public var outputs: String
    /// How often it was claimed: the newest claim's fencing token.
    public var claims: Int64
    /// How many of these claims were lost with their runner.
    public var lostClaims: Int64
    /// Whose fault it is that it failed.
    public var failureClass: FailureClass?
    public var cancelRequestedAt: Timestamp?
    public var createdAt: Timestamp
    public var queuedAt: Timestamp?
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?

    /// `caller/callee`: the job's key with those of its callers, without leg numbers.
    public var keyPath: String { Self.keyPath(callPath: callPath, jobKey: jobKey) }

    /// The same of stored columns.
    public static func keyPath(callPath: String, jobKey: String) -> String {
        callPath.split(separator: "/").map { $0.prefix { $0 != "#" } + "/" }.joined() + jobKey
    }

    /// What `needs.<id>.result` says of this leg: `success` for a failure that `continue-on-error` allows.
    public var result: JobConclusion? {
        guard let conclusion else { return nil }
        return conclusion.result == .failure && continueOnError ? .success : conclusion.result
    }

    /// A new one: pending, of one leg, with the defaults of GitHub.
    public init(
        id: ExecutionID, repositoryID: RepositoryID, runID: RunID, attemptID: Int64, jobID: Int64, versionID: Int64,
        jobKey: String, kind: Kind, name: String, createdAt: Timestamp
    ) {
        self.id = id
        self.repositoryID = repositoryID
        self.runID = runID
        self.attemptID = attemptID
        self.jobID = jobID
        self.versionID = versionID
        self.jobKey = jobKey
        self.kind = kind
        self.name = name
        self.createdAt = createdAt
        callPath = ""
        matrixIndex = 0
        matrixTotal = 1
        isExpanded = false
        failFast = true
        continueOnError = false
        priority = 0
        concurrencyCancels = false
        concurrencyDepth = 1
        pendingNeeds = 0
        status = .pending
        outputs = "{}"
        claims = 0
        lostClaims = 0
    }

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        repositoryID = ID(try row["repository_id"])
        runID = ID(try row["workflow_run_id"])
        attemptID = try row["attempt_id"]
        jobID = try row["job_id"]
        versionID = try row["version_id"]
        parentID = (try row["parent_execution_id"] as Int64?).map { ID($0) }
        sourceID = (try row["source_execution_id"] as Int64?).map { ID($0) }
        callPath = try row["call_path"]
        jobKey = try row["job_key"]
        kind = try row["kind"]
        name = try row["name"]
        matrix = try row["matrix"]
        matrixIndex = try row["matrix_index"]
        matrixTotal = try row["matrix_total"]
        isExpanded = try row["expanded"]
        failFast = try row["fail_fast"]
        maxParallel = try row["max_parallel"]
        continueOnError = try row["continue_on_error"]
        inputs = try row["inputs"]
        priority = try row["priority"]
        labelSetID = try row["label_set_id"]
        environment = try row["environment"]
        concurrencyKey = try row["concurrency_key"]
        concurrencyCancels = try row["concurrency_cancels"]
        concurrencyDepth = try row["concurrency_depth"]
        pendingNeeds = try row["pending_needs"]
        status = try row["status"]
        hold = try row["hold"]
        conclusion = try row["conclusion"]
        statusReason = try row["status_reason"]
        statusMessage = try row["status_message"]
        outputs = try row["outputs"]
        claims = try row["claims"]
        lostClaims = try row["lost_claims"]
        failureClass = try row["failure_class"]
        cancelRequestedAt = try row["cancel_requested_at"]
        createdAt = try row["created_at"]
        queuedAt = try row["queued_at"]
        startedAt = try row["started_at"]
        completedAt = try row["completed_at"]
    }
}
