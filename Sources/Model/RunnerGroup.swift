public import Storage

/// Runners with a common rule of whose jobs they take: `actions_runner_groups`, as GitHub has them.
public struct RunnerGroup: Sendable, Hashable {
    public enum Visibility: String, Sendable, CaseIterable {
        /// Every repository of its organization, or of the installation.
        case all
        /// Those that it names.
        case selected
        /// Private and internal ones.
        case `private`
    }

    public var id: RunnerGroupID
    /// Nil: of the installation.
    public var organizationID: Int64?
    /// Compared without regard to case; unique within the organization.
    public var name: String
    public var visibility: Visibility
    /// Otherwise public repositories are kept out, whatever else would let them in.
    public var allowsPublicRepositories: Bool
    public var restrictedToWorkflows: Bool
    /// Those of `selected`.
    public var repositories: Set<RepositoryID> = []
    /// What counts while it is restricted: jobs that these files define.
    public var selectedWorkflows: [SelectedWorkflow] = []
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        organizationID = try row["organization_id"]
        name = try row["name"]
        visibility = try row["visibility"]
        allowsPublicRepositories = try row["allows_public_repositories"]
        restrictedToWorkflows = try row["restricted_to_workflows"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}
