public import Storage

/// What is stored of an installation's keys: never the keys.
public struct KeyStatus: Sendable, Hashable {
    /// The installation's id, which every sealed value is bound to.
    public var installation: String
    /// Whether the root key is a passphrase.
    public var usesPassphrase: Bool
    /// The oldest first.
    public var terms: [KeyTerm]
    /// When root keys were replaced, the oldest first.
    public var rootReplacedAt: [Timestamp]

    public init(installation: String, usesPassphrase: Bool, terms: [KeyTerm], rootReplacedAt: [Timestamp]) {
        self.installation = installation
        self.usesPassphrase = usesPassphrase
        self.terms = terms
        self.rootReplacedAt = rootReplacedAt
    }
}
