public import Storage

/// A change of the state of a run or of one of its jobs: `actions_transitions`.
public struct RunTransition: Sendable, Hashable {
    public enum Object: String, Sendable {
        case run, job
    }

    /// Grows within a run; what was committed later has a higher one.
    public var sequence: Int64
    public var runID: RunID
    public var object: Object
    /// The run, or the job's execution.
    public var objectID: Int64
    /// Nil: it is new.
    public var from: String?
    public var to: String
    public var reason: StatusReason?
    /// `user:octocat`
    public var actor: String
    public var createdAt: Timestamp

    public init(_ row: Row) throws(StorageError) {
        sequence = try row["id"]
        runID = ID(try row["run_id"])
        object = try row["object"]
        objectID = try row["object_id"]
        from = try row["from_state"]
        to = try row["to_state"]
        reason = try row["reason"]
        actor = try row["actor"]
        createdAt = try row["created_at"]
    }
}
