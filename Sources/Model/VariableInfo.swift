public import Storage

/// A variable of the `vars` context. Whoever reads logs may see it: what nobody may see is a secret.
public struct VariableInfo: Sendable, Hashable {
    /// Upper-case.
    public var name: String
    public var value: String
    /// An organization's.
    public var visibility: SecretVisibility
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        name: String, value: String, visibility: SecretVisibility, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.name = name
        self.value = value
        self.visibility = visibility
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
