public import Storage

/// How a SQLite database is opened.
public struct SQLiteOptions: Sendable {
    public enum Durability: Sendable {
        /// A commit survives the process; the last ones may be lost with the machine's power. For local runs.
        case normal
        /// A commit survives a power cut: one `fsync` each, shared by group commit. For a server's state.
        case full
    }

    public var durability: Durability
    /// Reader connections at most; opened as they are needed.
    public var readers: Int
    /// How long another process's lock is waited for.
    public var busyTimeout: Duration
    /// How long a reader connection is waited for.
    public var acquireTimeout: Duration
    /// Prepared statements kept per connection.
    public var statementCacheSize: Int
    /// Write transactions that share one commit at most.
    public var groupLimit: Int
    public var clock: DatabaseClock

    public init(
        durability: Durability = .normal, readers: Int = 4, busyTimeout: Duration = .seconds(30),
        acquireTimeout: Duration = .seconds(30), statementCacheSize: Int = 200, groupLimit: Int = 256,
        clock: DatabaseClock = .system
    ) {
        self.durability = durability
        self.readers = readers
        self.busyTimeout = busyTimeout
        self.acquireTimeout = acquireTimeout
        self.statementCacheSize = statementCacheSize
        self.groupLimit = groupLimit
        self.clock = clock
    }
}
