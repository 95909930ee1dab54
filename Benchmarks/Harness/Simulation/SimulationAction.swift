internal import Model
internal import Services

/// One thing that somebody does, with everything that chance decides about it.
enum SimulationAction: Sendable {
    /// An event with its workflow's files; the same id may come again.
    case deliver(id: String, path: String, SimulatedWorkflow, fromFork: Bool)
    case create(path: String, SimulatedWorkflow, priority: Int64)
    case claim(runner: Int, limit: Int)
    /// A claim of one job that someone chose for the runner.
    case take(runner: Int, ExecutionID)
    case report(SimulatedClaim)
    case complete(SimulatedClaim, JobConclusion)
    /// The same, and the runner takes another job in its place.
    case turn(runner: Int, SimulatedClaim, JobConclusion)
    case renew(runner: Int, [JobToken])
    case reap
    case cancelRun(RunID)
    case cancelJob(ExecutionID)
    case rerun(RunID, job: String?, failedOnly: Bool)
    case prioritize(RunID, Int64)
    case review(RunID, GateReview.Verdict)
    /// What a server does on timers: ends wait timers, and what waited for too long.
    case duties
    case setDraining(runner: Int, Bool)
    case setPaused(runner: Int, Bool)

    /// Refusals that are answers, not faults of the services.
    var refusals: Set<ServiceError.Code> {
        switch self {
        case .deliver, .create, .reap, .duties: []
        case .claim: [.conflict, .notFound]
        case .take: [.conflict, .illegalTransition, .notFound]
        case .report, .complete, .turn: [.staleAssignment]
        case .renew: []
        case .cancelRun, .cancelJob, .prioritize: [.illegalTransition]
        case .review: [.conflict]
        case .rerun: [.illegalTransition, .conflict, .limit, .notFound]
        case .setDraining, .setPaused: [.notFound]
        }
    }

    /// Whose call it is: its place among the runners.
    var runner: Int? {
        switch self {
        case .claim(let runner, _), .take(let runner, _), .renew(let runner, _), .turn(let runner, _, _),
            .setDraining(let runner, _), .setPaused(let runner, _):
            runner
        default: nil
        }
    }

    /// The claim that must be live for it.
    var token: JobToken? {
        switch self {
        case .report(let claim), .complete(let claim, _), .turn(_, let claim, _): claim.token
        default: nil
        }
    }
}

extension SimulationAction: CustomStringConvertible {
    var description: String {
        switch self {
        case .deliver(let id, let path, let workflow, let fromFork):
            "deliver \(id)\(fromFork ? " of a fork" : "") \(path) \(workflow.summary)"
        case .create(let path, let workflow, let priority): "create \(path) \(workflow.summary) priority \(priority)"
        case .claim(let runner, let limit): "runner \(runner) claims \(limit)"
        case .take(let runner, let job): "runner \(runner) takes job \(job)"
        case .report(let claim): "report step \(claim.reported + 1) of \(claim.token.text)"
        case .complete(let claim, let conclusion): "complete \(claim.token.text) \(conclusion.rawValue)"
        case .turn(let runner, let claim, let conclusion):
            "complete \(claim.token.text) \(conclusion.rawValue), runner \(runner) goes on"
        case .renew(let runner, let tokens):
            "runner \(runner) renews \(tokens.map(\.text).joined(separator: " "))"
        case .reap: "reap"
        case .cancelRun(let run): "cancel run \(run)"
        case .cancelJob(let job): "cancel job \(job)"
        case .rerun(let run, let job, let failedOnly):
            "rerun run \(run) \(job ?? (failedOnly ? "failed" : "all"))"
        case .prioritize(let run, let priority): "run \(run) gets priority \(priority)"
        case .review(let run, let verdict): "run \(run) is \(verdict.rawValue)"
        case .duties: "duties"
        case .setDraining(let runner, let flag): "runner \(runner) \(flag ? "drains" : "drains no more")"
        case .setPaused(let runner, let flag): "runner \(runner) \(flag ? "pauses" : "goes on")"
        }
    }
}

extension JobToken {
    /// Job and token, for traces.
    var text: String { "\(executionID)#\(fencingToken)" }
}
