public import Model
public import Storage

/// A job that waits for a runner.
public struct QueueEntry: Sendable {
    public var execution: ExecutionID
    public var run: RunID
    public var repository: RepositoryID
    /// `OWNER/NAME`
    public var repositoryName: String
    /// The job's.
    public var name: String
    /// Higher goes first.
    public var priority: Int64
    public var labelSet: Int64
    /// Lower-case.
    public var labels: [String]
    /// 1-based, among those of its label set that are handed out to the same runners: nil while its repository, or the
    /// queue, is paused.
    public var position: Int?
    public var queuedAt: Timestamp
    /// It belongs to the runner of a `plue run`.
    public var isBound: Bool
    public var pause: QueuePause?
    /// A retry that is not handed out before.
    public var delayedUntil: Timestamp?
}
