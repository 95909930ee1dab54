internal import WorkflowSyntax

/// Where the text of a pull request comes from.
enum PullRequestOrigin {
    /// Whether the run executes what another repository holds, or may: where the event does not say whose the head is.
    /// `pull_request_target` runs what the base holds, so it is trusted.
    static func isFork(event: String, payload: ExpressionValue) -> Bool {
        guard event.hasPrefix("pull_request"), event != "pull_request_target" else { return false }
        // A fork that was deleted has no repository any more.
        guard case .object(let from)? = payload.value(at: "pull_request", "head", "repo") else { return true }
        // A pull request within a repository that is itself a fork is none of a fork.
        for key in ["id", "full_name"] {
            guard
                let own = payload.value(at: "pull_request", "base", "repo", key)
                    ?? payload.value(at: "repository", key),
                let other = from[key]
            else { continue }
            return own.text.lowercased() != other.text.lowercased()
        }
        return from["fork"]?.isTruthy ?? true
    }
}
