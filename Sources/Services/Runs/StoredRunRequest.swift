public import Model

/// What a run of a stored workflow is made from.
public struct StoredRunRequest: Sendable {
    public var workflow: WorkflowID
    public var event: String
    /// JSON object: the body of `github.event`.
    public var payload = "{}"
    /// Of `workflow_dispatch`, as texts: checked against what the file declares.
    public var inputs: [String: String] = [:]
    /// The `vars` context.
    public var variables: [String: String] = [:]
    public var headSHA: String
    /// `refs/heads/main`
    public var headRef: String
    public var headBranch: String?
    public var actor: String
    public var actorID: Int64?
    /// -100 to 100: jobs of a higher one go first.
    public var priority: Int64 = 0
    /// Whether its jobs are queued now: else they are queued one by one.
    public var isExpanding = true

    public init(workflow: WorkflowID, event: String, headSHA: String, headRef: String, actor: String) {
        self.workflow = workflow
        self.event = event
        self.headSHA = headSHA
        self.headRef = headRef
        self.actor = actor
    }
}
