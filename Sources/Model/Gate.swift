public import Storage

/// A job before the rules of its environment: `actions_gates`.
public struct Gate: Sendable, Hashable {
    public enum State: String, Sendable {
        case open, passed, rejected
        /// The job ended without being let in.
        case closed
    }

    public var executionID: ExecutionID
    public var runID: RunID
    /// Nil: the environment is deleted.
    public var environmentID: EnvironmentID?
    public var state: State
    public var openedAt: Timestamp
    /// The end of the wait timer.
    public var waitUntil: Timestamp?
    public var approvedAt: Timestamp?
    public var closedAt: Timestamp?

    public init(_ row: Row) throws(StorageError) {
        executionID = ID(try row["execution_id"])
        runID = ID(try row["run_id"])
        environmentID = (try row["environment_id"] as Int64?).map { ID($0) }
        state = try row["state"]
        openedAt = try row["opened_at"]
        waitUntil = try row["wait_until"]
        approvedAt = try row["approved_at"]
        closedAt = try row["closed_at"]
    }
}
