public import Storage

/// A claim: a runner took an execution. Every later write of the runner names the fencing token.
public struct JobAssignment: Sendable {
    public var id: AssignmentID
    public var executionID: ExecutionID
    public var fencingToken: Int64
    /// YYYYMM of the claim: part of the key of the log chunks.
    public var logMonth: Int64

    public var token: JobToken { JobToken(executionID: executionID, fencingToken: fencingToken) }

    public init(id: AssignmentID, executionID: ExecutionID, fencingToken: Int64, logMonth: Int64) {
        self.id = id
        self.executionID = executionID
        self.fencingToken = fencingToken
        self.logMonth = logMonth
    }

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        executionID = ID(try row["execution_id"])
        fencingToken = try row["fencing_token"]
        logMonth = try row["log_month"]
    }
}
