/// How a database is used.
public struct ActionsOptions: Sendable {
    /// Connections of PostgreSQL, or of SQLite's readers, at most.
    public var maximumConnections: Int
    /// A commit survives a power cut. SQLite only: PostgreSQL's always do.
    public var isDurable: Bool
    /// PostgreSQL: the schema that holds the tables; nil: that of the connection.
    public var schema: String?
    /// PostgreSQL: also use a server whose `fsync` is off, which a power cut can destroy.
    public var allowsUnsafeServer: Bool

    public init(
        maximumConnections: Int = 8, isDurable: Bool = true, schema: String? = nil, allowsUnsafeServer: Bool = false
    ) {
        self.maximumConnections = maximumConnections
        self.isDurable = isDurable
        self.schema = schema
        self.allowsUnsafeServer = allowsUnsafeServer
    }
}
