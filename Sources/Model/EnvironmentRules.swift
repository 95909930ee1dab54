/// What a job must meet before it may deploy to an environment.
public struct EnvironmentRules: Sendable, Hashable {
    /// Branches or tags that may deploy.
    public struct RefPattern: Sendable, Hashable {
        public enum Kind: String, Sendable {
            case branch, tag
        }

        public var kind: Kind
        /// As `on.push.branches` has it.
        public var pattern: String

        public init(_ kind: Kind, _ pattern: String) {
            self.kind = kind
            self.pattern = pattern
        }
    }

    /// Logins: any one of them lets a job in. None: nobody has to.
    public var reviewers: [String]
    /// After the job reached the environment: 0 to 43,200 (30 days).
    public var waitMinutes: Int64
    /// None: every branch and tag may deploy.
    public var refs: [RefPattern]
    /// Who started the run does not approve it.
    public var preventsSelfReview: Bool

    public init(
        reviewers: [String] = [], waitMinutes: Int64 = 0, refs: [RefPattern] = [], preventsSelfReview: Bool = false
    ) {
        self.reviewers = reviewers
        self.waitMinutes = waitMinutes
        self.refs = refs
        self.preventsSelfReview = preventsSelfReview
    }
}
