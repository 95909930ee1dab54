public import Storage

/// What is told of a secret: never its value.
public struct SecretInfo: Sendable, Hashable {
    /// Upper-case.
    public var name: String
    public var version: Int64
    public var visibility: SecretVisibility
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        name: String, version: Int64, visibility: SecretVisibility, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.name = name
        self.version = version
        self.visibility = visibility
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
