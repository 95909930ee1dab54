public import Storage

/// Why registered runners are handed no job: `actions_queue_pauses`.
public struct QueuePause: Sendable, Hashable {
    /// Nil: jobs of all repositories.
    public var repositoryID: RepositoryID?
    /// For people.
    public var reason: String
    /// Who paused it: the name of a user.
    public var actor: String
    public var createdAt: Timestamp

    public init(repositoryID: RepositoryID?, reason: String, actor: String, createdAt: Timestamp) {
        self.repositoryID = repositoryID
        self.reason = reason
        self.actor = actor
        self.createdAt = createdAt
    }

    public init(_ row: Row) throws(StorageError) {
        repositoryID = (try row["repository_id"] as Int64?).map { ID($0) }
        reason = try row["reason"]
        actor = try row["actor"]
        createdAt = try row["created_at"]
    }
}
