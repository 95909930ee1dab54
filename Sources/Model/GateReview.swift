public import Storage

/// What a reviewer said: `actions_gate_reviews`.
public struct GateReview: Sendable, Hashable {
    public enum Verdict: String, Sendable {
        case approved, rejected
    }

    public var runID: RunID
    /// Nil: of the whole run, which a fork asked for.
    public var executionID: ExecutionID?
    public var environment: String?
    public var reviewer: String
    public var verdict: Verdict
    public var comment: String
    public var createdAt: Timestamp

    public init(_ row: Row) throws(StorageError) {
        runID = ID(try row["run_id"])
        executionID = (try row["execution_id"] as Int64?).map { ID($0) }
        environment = try row["environment"]
        reviewer = try row["reviewer"]
        verdict = try row["verdict"]
        comment = try row["comment"]
        createdAt = try row["created_at"]
    }
}
