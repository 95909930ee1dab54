internal import Model

/// Who can be given what, of what was seen.
struct ClaimPlan {
    /// What waits, in the order in which it is handed out.
    var picks: [JobClaim.Pick] = []
    var seats: [JobClaim.Seat] = []
    /// The runs of what waits first, those that were avoided too: as many as there are seats, or one; none without room.
    var seen: [RunID] = []
    /// Runners that get nothing, and why.
    var refused: [RunnerID: any Error] = [:]
    var newestSet: Int64 = 0
    /// Runners that have live claims.
    var busy: Set<RunnerID> = []

    var isEphemeral: Bool { seats.contains(where: \.runner.isEphemeral) }
}
