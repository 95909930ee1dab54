public import Model

/// Something that happened to a run, published after the transaction that stored it.
public enum RunEvent: Sendable {
    /// With the path of the workflow file.
    case runStarted(WorkflowRun, file: String)
    case jobQueued(JobExecution)
    /// It waits for the rules of its environment.
    case jobGated(JobExecution)
    case jobStarted(JobExecution)
    case stepStarted(ExecutionID, number: Int64, name: String)
    case stepFinished(ExecutionID, StepResult)
    case log(ExecutionID, firstLine: Int64, [LogLine])
    case annotation(ExecutionID, step: Int64, Annotation)
    case jobFinished(JobExecution, attempt: Int64)
    case cancelRequested(ExecutionID)
    case runFinished(WorkflowRun)
}

extension RunEvent {
    /// The run that it speaks of, where it says so; the others come from jobs that this process executes.
    public var runID: RunID? {
        switch self {
        case .runStarted(let run, _), .runFinished(let run): run.id
        case .jobQueued(let job), .jobGated(let job), .jobStarted(let job), .jobFinished(let job, _): job.runID
        case .stepStarted, .stepFinished, .log, .annotation, .cancelRequested: nil
        }
    }
}

/// How a step ended.
public struct StepResult: Sendable {
    public var number: Int64
    public var name: String
    public var outcome: StepConclusion
    public var conclusion: StepConclusion
    /// Nil for a step that started no process of its own, or was skipped.
    public var exitCode: Int64?
    public var milliseconds: Int64
    /// Nil for a step that started no process of its own.
    public var use: ResourceUse?

    public init(
        number: Int64, name: String, outcome: StepConclusion, conclusion: StepConclusion, exitCode: Int64?,
        milliseconds: Int64, use: ResourceUse? = nil
    ) {
        self.number = number
        self.name = name
        self.outcome = outcome
        self.conclusion = conclusion
        self.exitCode = exitCode
        self.milliseconds = milliseconds
        self.use = use
    }
}
