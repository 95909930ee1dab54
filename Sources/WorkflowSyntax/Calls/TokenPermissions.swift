/// What the token of a job may do: a function of the files along its call path and of the repository's policy.
///
/// A file's own `permissions` (the job's, else the workflow's) replace the policy, also by more; those of a called
/// workflow can only lessen what its caller has. Scopes that `permissions` does not name are `none`. Source: GitHub,
/// "Automatic token authentication" and "Reusing workflows".
public struct TokenPermissions: Sendable {
    /// The repository's default.
    public var policy: TokenPolicy
    /// Whether the run executes text of somebody who may not write here: a pull request of a fork.
    public var isReadOnly: Bool

    public init(policy: TokenPolicy, isReadOnly: Bool = false) {
        self.policy = policy
        self.isReadOnly = isReadOnly
    }

    /// - Parameter path: the calling jobs, the outermost first, then the job itself, each with its workflow.
    public func of(_ path: [(job: Job, workflow: Workflow)]) -> PermissionSet {
        var set = PermissionSet(policy)
        for (depth, (job, workflow)) in path.enumerated() {
            guard let own = job.permissions ?? workflow.permissions else { continue }
            let asked = PermissionSet(own)
            set = depth == 0 ? asked : asked.limited(to: set)
        }
        return isReadOnly ? set.readOnly : set
    }
}
