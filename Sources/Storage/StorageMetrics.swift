/// What a backend's connections do at a moment, and counts since it was opened.
public struct StorageMetrics: Sendable, Hashable {
    public var readers: PoolMetrics
    /// Write transactions that wait for the writer; 0 where writers come from a pool.
    public var writersWaiting: Int
    /// Write transactions that were committed.
    public var transactions: Int
    /// Commits that they took: fewer with group commit.
    public var commits: Int
    /// Bodies that were run again after a conflict.
    public var retries: Int

    public init(readers: PoolMetrics, writersWaiting: Int, transactions: Int, commits: Int, retries: Int) {
        self.readers = readers
        self.writersWaiting = writersWaiting
        self.transactions = transactions
        self.commits = commits
        self.retries = retries
    }
}

/// The connections of a pool at a moment.
public struct PoolMetrics: Sendable, Hashable {
    public var leased: Int
    public var waiting: Int
    /// Open connections, leased or idle, and those being opened.
    public var total: Int

    public init(leased: Int, waiting: Int, total: Int) {
        self.leased = leased
        self.waiting = waiting
        self.total = total
    }
}
