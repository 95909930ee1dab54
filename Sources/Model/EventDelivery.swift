/// Something that happened to a hosted repository, as whoever watches it delivers it.
public struct EventDelivery: Sendable {
    public var repository: RepositoryID
    /// Who delivers: with `id` it names the delivery, so that it makes its runs once, however often it comes.
    public var source: String
    public var id: String
    /// `push`, `pull_request`, …
    public var event: String
    /// JSON object: the body of `github.event`.
    public var payload: String
    /// `refs/heads/main`
    public var headRef: String
    /// Without `refs/heads/`; for a pull request the branch that it comes from.
    public var headBranch: String?
    public var headSHA: String
    public var actor: String
    public var actorID: Int64?
    /// The workflow files of that commit, text by path. A push to the default branch makes them the repository's
    /// workflows: what is not among them is deleted. Nil: the files that are stored already decide.
    public var files: [String: String]?
    /// Paths that the event changed, for path filters; nil when they are not known: every filter then lets it pass.
    public var changedFiles: [String]?
    /// The `vars` context.
    public var variables: [String: String] = [:]
    /// Of the runs that it makes, -100 to 100: jobs of a higher one go first.
    public var priority: Int64 = 0

    public init(
        repository: RepositoryID, source: String, id: String, event: String, payload: String = "{}", headRef: String,
        headSHA: String, actor: String, files: [String: String]? = nil
    ) {
        self.repository = repository
        self.source = source
        self.id = id
        self.event = event
        self.payload = payload
        self.headRef = headRef
        self.headSHA = headSHA
        self.actor = actor
        self.files = files
        headBranch = headRef.hasPrefix("refs/heads/") ? String(headRef.dropFirst("refs/heads/".count)) : nil
    }
}
