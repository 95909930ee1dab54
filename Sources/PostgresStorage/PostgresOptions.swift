/// How a PostgreSQL database is used.
public struct PostgresOptions: Sendable {
    /// `synchronous_commit`.
    public enum SynchronousCommit: String, Sendable {
        case on
        case remoteApply = "remote_apply"
        case remoteWrite = "remote_write"
        case local
        /// The last commits may be lost with the server.
        case off
    }

    /// Connections at most, besides one that listens; opened as they are needed.
    public var maxConnections = 8
    /// How long a free connection is waited for.
    public var acquireTimeout: Duration = .seconds(30)
    /// How long one attempt to connect may take.
    public var connectTimeout: Duration = .seconds(10)
    /// The longest a statement may run; scripts are exempt.
    public var statementTimeout: Duration? = .seconds(60)
    /// How long a transaction may wait for its next statement.
    public var idleInTransactionTimeout: Duration? = .seconds(60)
    /// The longest wait for a lock.
    public var lockTimeout: Duration?
    /// Connections unused for so long are closed when another one is given back.
    public var idleTimeout: Duration = .seconds(300)
    public var synchronousCommit: SynchronousCommit = .on
    /// The server is behind a pooler that gives each transaction any of its connections (PgBouncer's transaction mode):
    /// nothing is kept in a session. Listening is not possible there.
    public var transactionPooler = false
    /// Also use a server whose `fsync` is off, which a power cut can destroy.
    public var allowsUnsafeServer = false
    /// The `search_path`, one schema.
    public var schema: String?
    /// Prepared statements kept per connection.
    public var statementCacheSize = 200
    /// How long `open` tries to reach the server.
    public var openDeadline: Duration = .seconds(5)
    /// How long a conflict, or a server that is away, is met by trying again.
    public var retryDeadline: Duration = .seconds(30)
    public var applicationName = "plue"

    public init() {}
}
