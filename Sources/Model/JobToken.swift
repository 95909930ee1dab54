/// What a runner shows for each write to a job that it claimed: the execution and the fencing token of the claim.
public struct JobToken: Sendable, Hashable {
    public var executionID: ExecutionID
    /// Counts the claims of the execution, from 1.
    public var fencingToken: Int64

    public init(executionID: ExecutionID, fencingToken: Int64) {
        self.executionID = executionID
        self.fencingToken = fencingToken
    }
}
