public import Model
public import Storage

/// A job of a run: one leg of its matrix, or one call of a workflow.
public struct JobExecution: Sendable, Hashable {
    public var id: JobExecutionID
    public var workflowRunID: WorkflowRunID
    /// The YAML key.
    public var jobID: String
    public var name: String
    /// Of the newest claim; nil before, and when the runner is gone.
    public var runnerID: RunnerID?
    public var status: JobStatus
    public var createdAt: Timestamp
    public var queuedAt: Timestamp?
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?
    public var conclusion: JobConclusion?
    /// What a pending job waits for: needs, concurrency, max_parallel, gate, run.
    public var hold: String?
    /// Why it is in its state, as a code.
    public var statusReason: String?
    public var statusMessage: String?
    /// JSON object of its leg's values.
    public var matrix: String?
    /// JSON object of texts.
    public var outputs: String
    /// Set when someone asked it to stop.
    public var cancelRequestedAt: Timestamp?
    /// The last 1,000 lines, where one execution was asked for; empty in lists.
    public var logs: String

    init(_ job: Model.JobExecution, runner: RunnerID?, logs: String = "") {
        id = job.id
        workflowRunID = job.runID
        jobID = job.jobKey
        name = job.name
        runnerID = runner
        status = job.status
        createdAt = job.createdAt
        queuedAt = job.queuedAt
        startedAt = job.startedAt
        completedAt = job.completedAt
        conclusion = job.conclusion
        hold = job.hold?.rawValue
        statusReason = job.statusReason?.rawValue
        statusMessage = job.statusMessage
        matrix = job.matrix
        outputs = job.outputs
        cancelRequestedAt = job.cancelRequestedAt
        self.logs = logs
    }
}
