public import Model

/// What a new run is made from.
public struct RunRequest: Sendable {
    public var repository: Repository
    public var source: WorkflowSource
    /// The local workflows that it calls, directly or not, by path.
    public var called: [WorkflowSource]
    public var event: String
    /// JSON: the body of `github.event`.
    public var payload: String
    /// JSON object: typed inputs of `workflow_dispatch`.
    public var inputs: String
    /// JSON object: the `vars` context.
    public var variables: String
    /// The jobs and matrix legs that are asked for.
    public var selection: RunSelection
    public var headBranch: String?
    /// `refs/heads/main`
    public var headRef: String
    /// 40 hexadecimal digits.
    public var headSHA: String
    /// The working tree differs from that commit.
    public var isDirty: Bool
    public var actor: String
    public var actorID: Int64?
    /// -100 to 100: jobs of a higher one go first.
    public var priority: Int64 = 0
    /// Whether the workflow's jobs become the run's: else they are queued one by one.
    public var isExpanding = true
    /// The versions of `source` and `called`, where they were read from the tables.
    var stored: [StoredVersion]?
    /// The event that makes the run, where it is stored already.
    var storedEvent: Int64?
    /// The runner that alone may take the run's jobs: set by a local run.
    public var runner: RunnerID?

    public init(
        repository: Repository, source: WorkflowSource, called: [WorkflowSource], event: String, payload: String,
        inputs: String = "{}", variables: String = "{}", selection: RunSelection = RunSelection(), headBranch: String?,
        headRef: String, headSHA: String,
        isDirty: Bool, actor: String, runner: RunnerID?
    ) {
        self.repository = repository
        self.source = source
        self.called = called
        self.event = event
        self.payload = payload
        self.inputs = inputs
        self.variables = variables
        self.selection = selection
        self.headBranch = headBranch
        self.headRef = headRef
        self.headSHA = headSHA
        self.isDirty = isDirty
        self.actor = actor
        self.runner = runner
    }
}
