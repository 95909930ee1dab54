/// How a database is used.
public struct ActionsOptions: Sendable {
    /// Connections of PostgreSQL, or of SQLite's readers, at most.
    public var maximumConnections: Int
    /// A commit survives a power cut. SQLite only: PostgreSQL's always do.
    public var isDurable: Bool
    /// PostgreSQL: the schema that holds the tables, which must be there; nil: that of the connection.
    public var schema: String?
    /// PostgreSQL: also use a server whose `fsync` is off, which a power cut can destroy.
    public var allowsUnsafeServer: Bool
    /// The file of the root key that secrets hang from: 32 bytes that only its owner may read, made with the first
    /// secret when it is not there. Nil: there are no secrets. A backup without it opens nothing.
    public var keyFile: String?

    public init(
        maximumConnections: Int = 8, isDurable: Bool = true, schema: String? = nil, allowsUnsafeServer: Bool = false,
        keyFile: String? = nil
    ) {
        self.maximumConnections = maximumConnections
        self.isDurable = isDurable
        self.schema = schema
        self.allowsUnsafeServer = allowsUnsafeServer
        self.keyFile = keyFile
    }
}
