internal import Model
internal import Services

/// What came of an action.
enum SimulationOutcome: Sendable {
    case done
    case runs([RunID], isRepeated: Bool)
    case claimed([SimulatedClaim])
    /// A job ended, and these were taken in its place.
    case turned([SimulatedClaim])
    case renewed(RunnerService.Renewal)
    case reaped([ExecutionID])
    case refused(ServiceError.Code)
    /// Nothing that a service may answer.
    case failed(String)
}

extension SimulationOutcome: CustomStringConvertible {
    var description: String {
        switch self {
        case .done: "done"
        case .runs(let runs, let isRepeated): "\(isRepeated ? "again " : "")runs \(runs)"
        case .claimed(let claims): "claimed \(claims.map(\.token.text).joined(separator: " "))"
        case .turned(let claims): "done, claimed \(claims.map(\.token.text).joined(separator: " "))"
        case .renewed(let renewal):
            "lost \(renewal.lost.map(\.text).sorted()), asked to stop \(renewal.cancelled.sorted())"
        case .reaped(let jobs): "took back \(jobs)"
        case .refused(let code): "refused \(code.rawValue)"
        case .failed(let message): "FAILED \(message)"
        }
    }
}
