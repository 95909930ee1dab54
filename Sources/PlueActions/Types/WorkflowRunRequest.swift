public import Model
internal import Services

/// What a run is made from.
public struct WorkflowRunRequest: Sendable {
    public var workflow: WorkflowID
    /// `push`, `pull_request`, `workflow_dispatch`, …
    public var event: String
    /// JSON object: the body of `github.event`.
    public var payload: String
    /// Of `workflow_dispatch`, as texts; checked against what the file declares.
    public var inputs: [String: String]
    /// The `vars` context.
    public var variables: [String: String]
    public var commitSHA: String
    public var branch: String?
    /// `refs/heads/main`; nil: that of the branch.
    public var ref: String?
    public var actor: String
    public var actorID: Int64?
    /// -100 to 100: jobs of a higher one go first.
    public var priority: Int64

    public init(
        workflow: WorkflowID, event: String = "push", payload: String = "{}", inputs: [String: String] = [:],
        variables: [String: String] = [:], commitSHA: String, branch: String? = nil, ref: String? = nil,
        actor: String, actorID: Int64? = nil, priority: Int64 = 0
    ) {
        self.workflow = workflow
        self.event = event
        self.payload = payload
        self.inputs = inputs
        self.variables = variables
        self.commitSHA = commitSHA
        self.branch = branch
        self.ref = ref
        self.actor = actor
        self.actorID = actorID
        self.priority = priority
    }

    func stored(expanding: Bool) -> StoredRunRequest {
        var request = StoredRunRequest(
            workflow: workflow, event: event, headSHA: commitSHA,
            headRef: ref ?? branch.map { "refs/heads/\($0)" } ?? "HEAD", actor: actor)
        request.payload = payload
        request.inputs = inputs
        request.variables = variables
        request.headBranch = branch
        request.actorID = actorID
        request.priority = priority
        request.isExpanding = expanding
        return request
    }
}
