/// How much one transaction of a pruning removes at most.
struct PruneBatch: Sendable {
    var runs = 200
    /// Of all the runs together; a run with more goes alone.
    var jobs = 2_000
    /// Log chunks or deliveries.
    var rows = 1_000
}
