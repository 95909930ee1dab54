/// What happened, as far as triggers look at it.
public struct TriggerEvent: Sendable {
    public enum Ref: Sendable, Equatable {
        /// Without `refs/heads/`.
        case branch(String)
        /// Without `refs/tags/`.
        case tag(String)
    }

    /// `push`, `pull_request`, …
    public var name: String
    /// The activity type; nil when it is not known, which every type accepts.
    public var activity: String?
    /// The pushed ref; for `workflow_run` the branch of the run.
    public var ref: Ref?
    /// The branch that a pull request or merge group goes into.
    public var baseBranch: String?
    /// Paths relative to the repository's root; nil when not known: path filters then let the run pass.
    public var changedFiles: [String]?
    /// Commits of the push; beyond 1,000 GitHub does not look at paths.
    public var commitCount: Int?
    /// For `workflow_run`: the name of the workflow that ran.
    public var workflowName: String?
    /// Of the head commit, for `push` and `pull_request`: it may ask for no run.
    public var commitMessage: String?
    /// For `schedule`: the cron expression that is due, as the file has it; nil: any.
    public var schedule: String?
    /// Why GitHub starts no workflow for it, whatever their triggers are: a phrase for people.
    public var suppression: String?

    public init(
        name: String, activity: String? = nil, ref: Ref? = nil, baseBranch: String? = nil,
        changedFiles: [String]? = nil, commitCount: Int? = nil, workflowName: String? = nil,
        commitMessage: String? = nil, schedule: String? = nil
    ) {
        self.schedule = schedule
        self.name = name
        self.activity = activity
        self.ref = ref
        self.baseBranch = baseBranch
        self.changedFiles = changedFiles
        self.commitCount = commitCount
        self.workflowName = workflowName
        self.commitMessage = commitMessage
    }
}
