public import Model
internal import Services

extension Actions {
    /// Makes the environment, or gives it these rules in place of all that it had. Jobs that wait meet the new rules; the
    /// branch is asked once, when a job reaches the environment. Throws `invalid_input`, `not_found` for the repository.
    @discardableResult
    public func setEnvironment(
        _ name: String, _ rules: EnvironmentRules, in repository: RepositoryID, by principal: Principal
    ) async throws -> DeploymentEnvironment {
        try await updateEnvironment(name, in: repository, by: principal) { $0 = rules }
    }

    /// The same for a part of the rules: `change` is given those that hold (of a new environment: none), in the transaction
    /// that stores them, and may be called more than once.
    @discardableResult
    public func updateEnvironment(
        _ name: String, in repository: RepositoryID, by principal: Principal,
        _ change: @escaping @Sendable (inout EnvironmentRules) throws -> Void
    ) async throws -> DeploymentEnvironment {
        try await Self.mapped(by: principal) {
            try await services.environments.set(name, in: repository, by: principal, change)
        }
    }

    /// Names are compared without regard to case. Throws `not_found`.
    public func getEnvironment(
        _ name: String, in repository: RepositoryID, by principal: Principal
    ) async throws -> DeploymentEnvironment {
        try await Self.mapped(by: principal) {
            try await services.environments.get(name, in: repository, by: principal)
        }
    }

    /// Those of a repository that have rules, by name.
    public func listEnvironments(
        in repository: RepositoryID, by principal: Principal
    ) async throws -> [DeploymentEnvironment] {
        try await Self.mapped(by: principal) { try await services.environments.list(in: repository, by: principal) }
    }

    /// Takes the rules away; jobs that wait for them fail. Throws `not_found`.
    public func deleteEnvironment(_ name: String, in repository: RepositoryID, by principal: Principal) async throws {
        try await Self.mapped(by: principal) {
            try await services.environments.delete(name, in: repository, by: principal)
        }
    }

    /// Whose pull requests from forks wait for an approval from now on. Throws `not_found`.
    @discardableResult
    public func setForkApproval(
        _ policy: ForkApproval, of id: RepositoryID, by principal: Principal
    ) async throws -> Repository {
        try await Self.mapped(by: principal) {
            Repository(try await services.repositories.setForkApproval(policy, of: id, by: principal))
        }
    }

    /// What waits for an approval or a wait timer, the oldest first, at most `limit` (1 to 1,000) of jobs and of whole runs;
    /// of one run, or of all.
    public func listPendingReviews(
        of run: WorkflowRunID? = nil, limit: Int = 100, by principal: Principal
    ) async throws -> [ReviewRequest] {
        try await Self.mapped(by: principal) {
            try await services.environments.pending(of: run, limit: limit, by: principal).map { ReviewRequest($0) }
        }
    }

    /// What a reviewer says of a run: lets in the jobs that wait before these environments (nil: before all of which the
    /// principal may speak), or fails them. A run that waits as a whole, as a fork asked for it, is let start or cancelled.
    /// Returns how many jobs, or 1 for a whole run.
    ///
    /// Reviewers are users: the principal's name is compared with the logins of the rules, without regard to case. Whether
    /// it may approve runs of forks is for the platform to decide.
    ///
    /// Throws `not_found`, `conflict` when nothing of it waits for an approval, `forbidden`, with an audit row, for who is no
    /// reviewer, or started the run where that is not allowed.
    @discardableResult
    public func reviewWorkflowRun(
        _ id: WorkflowRunID, _ verdict: ReviewVerdict, environments: [String]? = nil, comment: String = "",
        by principal: Principal
    ) async throws -> Int {
        try await Self.mapped(by: principal) {
            try await services.environments.review(
                id, verdict, environments: environments, comment: comment, by: principal)
        }
    }

    /// What was said of a run, the oldest first.
    public func listReviews(of run: WorkflowRunID, by principal: Principal) async throws -> [GateReview] {
        try await Self.mapped(by: principal) { try await services.environments.reviews(of: run, by: principal) }
    }

    /// Lets in jobs whose wait timer is over and that nobody has to approve any more, at most `limit` of them. `plue runner
    /// start` does this every 15 s; a platform without such a server calls it as often. Returns how many.
    @discardableResult
    public func passDueJobs(limit: Int = 100, by principal: Principal) async throws -> Int {
        try await Self.mapped(by: principal) { try await services.environments.passDue(limit: limit, by: principal) }
    }
}
