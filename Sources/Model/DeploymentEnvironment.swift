public import Storage

/// Where jobs deploy to, with the rules that hold them before they may: `actions_environments`.
public struct DeploymentEnvironment: Sendable, Hashable {
    public var id: EnvironmentID
    public var repositoryID: RepositoryID
    /// Compares without regard to case.
    public var name: String
    public var rules: EnvironmentRules
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    /// Without reviewers and refs, which have rows of their own.
    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        repositoryID = ID(try row["repository_id"])
        name = try row["name"]
        rules = EnvironmentRules(
            waitMinutes: try row["wait_minutes"], preventsSelfReview: try row["prevents_self_review"])
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}
