public import Model
public import Storage

/// What waits for somebody, or for time: a job before an environment, or a whole run that a fork asked for.
public struct PendingReview: Sendable {
    public var runID: RunID
    public var runNumber: Int64
    public var title: String
    /// `OWNER/NAME`
    public var repository: String
    /// Who started the run.
    public var actor: String
    /// Nil: the whole run.
    public var job: (id: ExecutionID, name: String)?
    public var environment: String?
    public var since: Timestamp
    /// The end of the wait timer.
    public var waitUntil: Timestamp?
    /// Who may approve it; empty once one did, or when nobody has to.
    public var reviewers: [String]
}
