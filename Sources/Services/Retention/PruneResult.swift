public import Model
public import Storage

/// What a pruning removed of a class, or would remove.
public struct PruneResult: Sendable, Hashable {
    public var retentionClass: RetentionClass
    /// Log chunks, runs or deliveries.
    public var rows = 0
    /// When the oldest of their runs ended, or the oldest delivery came; nil without any.
    public var oldest: Timestamp?
    /// The default limit; repositories may have others.
    public var days: Int64

    mutating func add(_ count: Int, oldest other: Timestamp?) {
        rows += count
        guard let other else { return }
        oldest = min(oldest ?? other, other)
    }
}
