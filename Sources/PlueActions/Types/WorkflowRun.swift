public import Model
internal import Services
public import Storage

/// One run of a workflow.
public struct WorkflowRun: Sendable, Hashable {
    public var id: WorkflowRunID
    public var repositoryID: RepositoryID
    public var workflowID: WorkflowID
    /// Counts the runs of the workflow, from 1.
    public var runNumber: Int64
    public var status: RunStatus
    /// `push`
    public var triggerEvent: String
    public var commitSHA: String
    public var branch: String?
    /// `refs/heads/main`
    public var ref: String
    public var actorID: Int64?
    public var actor: String
    public var displayTitle: String
    /// The latest attempt, from 1.
    public var attempt: Int64
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?
    public var conclusion: RunConclusion?
    /// Why it is in its state, as a code.
    public var statusReason: String?
    /// What was wrong with a run that could not start.
    public var diagnostics: [ActionsError.Diagnostic]

    init(_ run: Model.WorkflowRun) {
        id = run.id
        repositoryID = run.repositoryID
        workflowID = WorkflowID(run.workflowID)
        runNumber = run.runNumber
        status = run.status
        triggerEvent = run.event
        commitSHA = run.headSHA
        branch = run.headBranch
        ref = run.headRef
        actorID = run.actorID
        actor = run.actor
        displayTitle = run.displayTitle
        attempt = run.latestAttempt
        createdAt = run.createdAt
        startedAt = run.startedAt
        completedAt = run.completedAt
        conclusion = run.conclusion
        statusReason = run.statusReason?.rawValue
        diagnostics = run.diagnostics.map { DiagnosticsJSON.read($0).map { ActionsError.Diagnostic($0) } } ?? []
    }
}
