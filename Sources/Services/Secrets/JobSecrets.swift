public import Cryptography

/// What is stored for a job, by upper-case name.
public struct JobSecrets: Sendable {
    /// Of its organization and repository, the latter before the former: what calls hand on.
    public var shared: [String: SecretBytes] = [:]
    /// Of the environment that it names itself: no call hands them on, and they go before what one did.
    public var environment: [String: SecretBytes] = [:]

    /// What a job sees that no call is above.
    public var all: [String: SecretBytes] { shared.merging(environment) { $1 } }
}
