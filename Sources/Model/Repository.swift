public import Storage

/// A repository whose workflows run.
public struct Repository: Sendable {
    public var id: RepositoryID
    /// The top folder of a local repository.
    public var location: String
    public var owner: String
    public var name: String
    public var defaultBranch: String
    public var organizationID: Int64?
    /// What the token of a job may do where its files do not say.
    public var defaultWorkflowPermissions = DefaultWorkflowPermissions.read
    /// Its schedules do not fire.
    public var isArchived = false
    /// Workflows with schedules are disabled when nothing else happened for 60 days.
    public var disablesIdleSchedules = false
    /// Whose pull requests from forks wait for an approval.
    public var forkApproval = ForkApproval.firstTimeContributors
    /// The commit of the default branch that was pushed last; nil when none was.
    public var headSHA: String?

    /// GitHub's: `read` is contents and packages, `write` is everything but `id-token`.
    public enum DefaultWorkflowPermissions: String, Sendable, Hashable, CaseIterable {
        case read, write
    }

    public var fullName: String { "\(owner)/\(name)" }

    public init(id: RepositoryID, location: String, owner: String, name: String, defaultBranch: String) {
        self.id = id
        self.location = location
        self.owner = owner
        self.name = name
        self.defaultBranch = defaultBranch
    }

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        location = try row["location"]
        owner = try row["owner"]
        name = try row["name"]
        defaultBranch = try row["default_branch"]
        organizationID = try row["organization_id"]
        defaultWorkflowPermissions = try row["default_workflow_permissions"]
        isArchived = try row["archived"]
        disablesIdleSchedules = try row["disables_idle_schedules"]
        forkApproval = try row["fork_approval"]
        headSHA = try row["head_sha"]
    }
}
