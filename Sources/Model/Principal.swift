/// Who acts: named by every call of a service and stored with what the call changed.
public struct Principal: Sendable, Hashable {
    public enum Kind: String, Sendable {
        case user, runner, job, system
    }

    public var kind: Kind
    /// The login of a user, the name of a runner.
    public var name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    public static let system = Principal(.system, "plue")

    /// As it is stored: `user:octocat`.
    public var text: String { "\(kind.rawValue):\(name)" }
}
