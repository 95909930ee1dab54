public import Model
internal import Services
public import Storage

/// What a list of runs is narrowed to.
public struct WorkflowRunFilter: Sendable {
    public var repository: RepositoryID?
    public var workflow: WorkflowID?
    public var event: String?
    public var branch: String?
    /// A status or a conclusion, by its name: `in_progress`, `failure`.
    public var status: String?
    public var commitSHA: String?
    public var actor: String?
    /// Made at that moment or later.
    public var createdFrom: Timestamp?
    /// Made before that moment.
    public var createdBefore: Timestamp?

    public init(repository: RepositoryID? = nil, workflow: WorkflowID? = nil) {
        self.repository = repository
        self.workflow = workflow
    }

    var history: HistoryService.Filter {
        var filter = HistoryService.Filter()
        filter.repository = repository
        filter.workflow = workflow
        filter.event = event
        filter.branch = branch
        filter.status = status
        filter.headSHA = commitSHA
        filter.actor = actor
        filter.createdFrom = createdFrom
        filter.createdBefore = createdBefore
        return filter
    }
}
