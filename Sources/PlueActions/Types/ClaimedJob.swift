public import Model
internal import Services
internal import WorkflowSyntax

/// What a runner is given with a job: everything that it needs to execute it, and the token that it shows for each write.
public struct ClaimedJob: Sendable {
    public var token: JobToken
    public var execution: JobExecution
    public var run: WorkflowRun
    public var repository: Repository
    /// The job as its file defines it, expressions unevaluated.
    public var definition: Job
    /// `env` of the workflow.
    public var workflowEnvironment: JSONValue?
    /// `github` as far as the server knows it.
    public var github: JSONValue
    /// `needs`, `inputs`, `vars`, `matrix`, `strategy`.
    public var contexts: [String: JSONValue]
    /// What a token made for the job may do: the scopes with access, `read` or `write` by scope.
    public var permissions: [String: String]

    init(_ message: JobMessage, runner: RunnerID) {
        token = JobToken(
            executionID: message.assignment.executionID, fencingToken: message.assignment.fencingToken)
        execution = JobExecution(message.execution, runner: runner)
        run = WorkflowRun(message.run)
        repository = Repository(message.repository)
        definition = Job(message.job)
        workflowEnvironment = message.workflow.env.map { JSONValue($0.plainValue) }
        github = .object(message.github.map { JSONValue.Member($0.0, JSONValue($0.1)) })
        contexts = message.contexts.mapValues { JSONValue($0) }
        permissions = Dictionary(
            message.permissions.granted.map { ($0.scope, $0.level.rawValue) }, uniquingKeysWith: { first, _ in first })
    }
}
