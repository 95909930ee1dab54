internal import Model

/// A claim as its runner knows it.
struct SimulatedClaim: Sendable {
    var assignment: JobAssignment
    /// Steps whose reports were answered.
    var reported: Int64 = 0
    /// Someone asked the job to stop.
    var isAskedToStop = false

    var token: JobToken { assignment.token }
}

/// A runner without processes: it knows only what it was told, and may be silent for a while or for ever.
struct VirtualRunner: Sendable {
    var id: RunnerID
    let name: String
    let labels: [String]
    let maxJobs: Int64
    var claims: [SimulatedClaim] = []
    /// The step at which it speaks again; nil while it does.
    var silentUntil: Int?
    var isDraining = false
    var isPaused = false

    /// Label sets of the runners of a simulation.
    static let fleet: [(labels: [String], maxJobs: Int64)] = [
        (["a"], 2), (["b"], 1), (["a", "b"], 3), (["a", "b"], 2),
    ]

    var isSilent: Bool { silentUntil != nil }

    mutating func forget(_ tokens: Set<JobToken>) {
        claims.removeAll { tokens.contains($0.token) }
    }
}
