public import Model
public import Storage

/// Why a job is where it is, and when it may go on.
public struct JobExplanation: Sendable {
    public var job: JobExecution
    /// When that was so, by the database's clock.
    public var asOf: Timestamp
    public var reason: WaitReason
    /// What its `runs-on` asks for, lower-case.
    public var labels: [String]
    /// 1-based: how many jobs are handed out until it is, itself included, if every runner that has its labels takes what
    /// it may take, and nothing else is queued. Nil while it is not queued, or paused.
    public var position: Int?
    /// When it may start: now, or when the runners that have its labels have ended enough jobs, each as long as this one
    /// takes; for a job with needs, when the last of them may end. Nil where the history or the reason says nothing.
    public var estimatedStart: Timestamp?
    /// When it may end: the median of its last successes (20 at most) after its start.
    public var estimatedEnd: Timestamp?
    /// Every registered runner and how it stands to the job, as ``QueueService/candidates(for:by:)``; empty for calls.
    public var candidates: [RunnerMatch]
}
