/// What simulations did.
package struct SimulationCounts: Sendable {
    package var seeds = 0
    package var steps = 0
    package var actions = 0
    package var runs = 0
    package var jobs = 0
    package var claims = 0
    /// Claims that were taken back from their runner.
    package var claimsLost = 0
    /// Retries that were not to start at once.
    package var retriesDelayed = 0
    /// Results and reports of claims that were no longer the live ones.
    package var lateRefused = 0
    package var faults: [SimulationFault: Int] = [:]

    package init() {}

    mutating func add(_ fault: SimulationFault) { faults[fault, default: 0] += 1 }

    package mutating func add(_ other: SimulationCounts) {
        seeds += other.seeds
        steps += other.steps
        actions += other.actions
        runs += other.runs
        jobs += other.jobs
        claims += other.claims
        claimsLost += other.claimsLost
        retriesDelayed += other.retriesDelayed
        lateRefused += other.lateRefused
        faults.merge(other.faults, uniquingKeysWith: +)
    }

    /// Names and numbers, in the order in which they are told.
    package var figures: [(name: String, count: Int)] {
        [
            ("seeds", seeds), ("steps", steps), ("actions", actions), ("runs", runs), ("jobs_done", jobs),
            ("claims", claims), ("claims_lost", claimsLost), ("retries_delayed", retriesDelayed),
            ("late_results_refused", lateRefused),
        ] + SimulationFault.allCases.map { ("fault_\($0.rawValue)", faults[$0] ?? 0) }
    }
}
