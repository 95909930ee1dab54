/// Who acts: named by every call of a service, checked by it, and stored with what the call changed.
public struct Principal: Sendable, Hashable {
    public enum Kind: String, Sendable {
        case user, runner, job, system
    }

    public var kind: Kind
    /// The login of a user, the name of a runner.
    public var name: String
    /// Of a job that has shown its token. A job without may do nothing.
    public private(set) var authority: JobAuthority?
    /// Of a token that was refused, for the audit log.
    private var refusedTokenID: String?
    /// From where it calls, for the audit log.
    public private(set) var origin = CallOrigin()

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// A job, by its token.
    package init(_ authority: JobAuthority) {
        self.init(.job, "\(authority.token.executionID)")
        self.authority = authority
    }

    /// Somebody who has shown a token that is none, or no more; nil: what cannot be one.
    package init(refusedToken id: String?) {
        self.init(.job, "unknown")
        refusedTokenID = id
    }

    /// The same, calling from there.
    public func calling(from origin: CallOrigin) -> Principal {
        var caller = self
        caller.origin = origin
        return caller
    }

    public static let system = Principal(.system, "plue")

    /// By which the audit log knows the token that was shown.
    public var tokenID: String? { authority?.tokenID ?? refusedTokenID }

    /// Who a run says has started it: for a job GitHub's name of all jobs.
    public var actor: String { kind == .job ? "github-actions[bot]" : name }

    /// As it is stored: `user:octocat`.
    public var text: String { "\(kind.rawValue):\(name)" }
}
