internal import Model
internal import Services

/// What the services told those who called them; they must stand by it.
struct SimulationLedger: Sendable {
    /// Claims that were handed out.
    private(set) var handed: Set<JobToken> = []
    /// Results that were taken.
    private(set) var accepted: [ExecutionID: (token: JobToken, conclusion: JobConclusion)] = [:]
    /// Runs that were approved, or jobs of which.
    private(set) var approved: Set<RunID> = []
    /// Runs that a fork asked for.
    private(set) var forks: Set<RunID> = []
    /// Runs of each delivery.
    private var deliveries: [String: Set<RunID>] = [:]

    /// Notes an outcome; the rule that it breaks, or nil.
    ///
    /// - Parameters:
    ///   - before: the moment before the step.
    ///   - isAlone: nothing else happened in the step.
    mutating func note(
        _ action: SimulationAction, _ outcome: SimulationOutcome, before: SimulationSnapshot, isAlone: Bool
    ) -> String? {
        switch (action, outcome) {
        case (_, .failed(let message)): return "\(action) failed: \(message)"
        case (_, .refused(let code)):
            guard action.refusals.contains(code) else { return "\(action) was refused: \(code.rawValue)" }
            if isAlone, let token = action.token, before.isLive(token) {
                return "\(action) was refused although its claim is live"
            }
        case (.complete(let claim, let conclusion), .done), (.turn(_, let claim, let conclusion), .turned):
            if case .turned(let next) = outcome, let twice = hand(out: next) { return twice }
            guard before.isLive(claim.token) else { return "\(action) was taken although its claim is not live" }
            if accepted.updateValue((claim.token, conclusion), forKey: claim.token.executionID) != nil {
                return "\(action) was taken although the job had a result"
            }
        case (.report(let claim), .done):
            guard before.isLive(claim.token) else { return "\(action) was taken although its claim is not live" }
        case (_, .claimed(let claims)):
            if let twice = hand(out: claims) { return twice }
        case (.review(let run, .approved), .done): approved.insert(run)
        case (.deliver(let id, _, _, let fromFork), .runs(let runs, let isRepeated)):
            let known = deliveries.updateValue(Set(runs), forKey: id)
            if let known, known != Set(runs) { return "delivery \(id) made runs \(known.sorted()), then \(runs)" }
            if fromFork { forks.formUnion(runs) }
            if known == nil, isRepeated, isAlone { return "delivery \(id) is new, but was called repeated" }
        case (.renew(_, let tokens), .renewed(let renewal)):
            for token in tokens where !before.isLive(token) && !renewal.lost.contains(token) {
                return "claim \(token.text) was renewed although it is not live"
            }
            if isAlone, let token = renewal.lost.first(where: before.isLive) {
                return "claim \(token.text) was called lost although it is live"
            }
        default: break
        }
        return nil
    }

    private mutating func hand(out claims: [SimulatedClaim]) -> String? {
        for claim in claims where !handed.insert(claim.token).inserted {
            return "claim \(claim.token.text) was handed out twice"
        }
        return nil
    }
}
