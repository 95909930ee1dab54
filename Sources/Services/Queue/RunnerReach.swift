internal import Model

/// Which jobs a runner may take, as far as a process remembers it.
struct RunnerReach: Sendable, Equatable {
    var scope: RunnerScope
    /// Its rules are read by each claim.
    var group: RunnerGroupID?
    /// The label sets that its labels and its group hold.
    var sets: [Int64]
}
