/// Whose pull requests from forks wait until somebody approves their runs: GitHub's policies, and none. An author whose
/// association the event does not tell counts as the newest.
public enum ForkApproval: String, Sendable, Hashable, CaseIterable {
    case never
    case firstTimeContributorsNewToGitHub = "first_time_contributors_new_to_github"
    case firstTimeContributors = "first_time_contributors"
    case allExternalContributors = "all_external_contributors"

    /// - Parameter association: `author_association` of the pull request.
    public func isNeeded(for association: String) -> Bool {
        switch (self, association.uppercased()) {
        case (.never, _), (_, "OWNER"), (_, "MEMBER"), (_, "COLLABORATOR"): false
        case (.allExternalContributors, _): true
        case (.firstTimeContributors, "CONTRIBUTOR"): false
        case (.firstTimeContributors, _): true
        case (.firstTimeContributorsNewToGitHub, "CONTRIBUTOR"),
            (.firstTimeContributorsNewToGitHub, "FIRST_TIME_CONTRIBUTOR"), (.firstTimeContributorsNewToGitHub, "NONE"):
            false
        case (.firstTimeContributorsNewToGitHub, _): true
        }
    }
}
