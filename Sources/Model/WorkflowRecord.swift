public import Storage

/// A stored workflow file with its current content: `actions_workflows`.
public struct WorkflowRecord: Sendable {
    public enum State: String, Sendable, CaseIterable {
        case active, deleted
        case disabledManually = "disabled_manually"
        case disabledInactivity = "disabled_inactivity"
    }

    public var id: WorkflowID
    public var repositoryID: RepositoryID
    /// Its `name`, else its path.
    public var name: String
    /// `.github/workflows/ci.yml`
    public var filename: String
    public var state: State
    public var versionID: Int64
    /// The text of the current version.
    public var content: String
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        repositoryID = ID(try row["repository_id"])
        name = try row["name"]
        filename = try row["filename"]
        state = try row["state"]
        versionID = try row["current_version_id"]
        content = try row["yaml_content"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}
