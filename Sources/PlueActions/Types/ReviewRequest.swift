internal import Services

/// What waits for somebody, or for time: a job before an environment, or a whole run that a fork asked for.
public struct ReviewRequest: Sendable, Hashable {
    public var runID: WorkflowRunID
    public var runNumber: Int64
    public var title: String
    /// `OWNER/NAME`
    public var repository: String
    /// Who started the run.
    public var actor: String
    /// Nil: the whole run.
    public var jobID: JobExecutionID?
    public var jobName: String?
    public var environment: String?
    public var since: Timestamp
    /// The end of the wait timer.
    public var waitUntil: Timestamp?
    /// Logins that may approve it; empty once one did, or when nobody has to.
    public var reviewers: [String]

    init(_ review: PendingReview) {
        runID = review.runID
        runNumber = review.runNumber
        title = review.title
        repository = review.repository
        actor = review.actor
        jobID = review.job?.id
        jobName = review.job?.name
        environment = review.environment
        since = review.since
        waitUntil = review.waitUntil
        reviewers = review.reviewers
    }
}
