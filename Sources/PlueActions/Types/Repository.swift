public import Model

/// A repository whose workflows run.
public struct Repository: Sendable, Hashable {
    public var id: RepositoryID
    public var owner: String
    public var name: String
    public var defaultBranch: String
    public var organizationID: Int64?
    /// What the token of a job may do where its files do not say.
    public var defaultWorkflowPermissions: DefaultWorkflowPermissions
    /// Its schedules do not fire.
    public var isArchived: Bool
    /// Workflows with schedules are disabled when nothing else happened for 60 days.
    public var disablesIdleSchedules: Bool
    /// Whose pull requests from forks wait for an approval.
    public var forkApproval: ForkApproval

    init(_ repository: Model.Repository) {
        id = repository.id
        owner = repository.owner
        name = repository.name
        defaultBranch = repository.defaultBranch
        organizationID = repository.organizationID
        defaultWorkflowPermissions = repository.defaultWorkflowPermissions
        isArchived = repository.isArchived
        disablesIdleSchedules = repository.disablesIdleSchedules
        forkApproval = repository.forkApproval
    }
}
