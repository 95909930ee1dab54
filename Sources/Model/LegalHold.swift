public import Storage

/// What no pruning touches: `actions_legal_holds`.
public struct LegalHold: Sendable, Hashable {
    public var repositoryID: RepositoryID
    /// Nil: the whole repository.
    public var runID: RunID?
    /// For people.
    public var reason: String
    /// Who set it: the name of a user.
    public var actor: String
    public var createdAt: Timestamp

    public init(_ row: Row) throws(StorageError) {
        repositoryID = ID(try row["repository_id"])
        runID = (try row["run_id"] as Int64?).map { ID($0) }
        reason = try row["reason"]
        actor = try row["actor"]
        createdAt = try row["created_at"]
    }
}
