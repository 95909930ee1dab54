public import Storage

/// One attempt of a run: `actions_run_attempts`.
public struct RunAttempt: Sendable {
    public var id: Int64
    public var runID: RunID
    /// From 1.
    public var number: Int64
    public var triggeringActor: String
    public var status: RunStatus
    public var conclusion: RunConclusion?
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?

    public init(_ row: Row) throws(StorageError) {
        id = try row["id"]
        runID = ID(try row["run_id"])
        number = try row["attempt"]
        triggeringActor = try row["triggering_actor"]
        status = try row["status"]
        conclusion = try row["conclusion"]
        createdAt = try row["created_at"]
        startedAt = try row["run_started_at"]
        completedAt = try row["completed_at"]
    }
}
