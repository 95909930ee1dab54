internal import WorkflowSyntax

/// Where the text of a pull request comes from.
enum PullRequestOrigin {
    /// Whether the run executes what another repository holds, or may: where the event does not say whose the head is.
    /// `pull_request_target` runs what the base holds, so it is trusted.
    static func isFork(event: String, payload: ExpressionValue) -> Bool {
        guard event.hasPrefix("pull_request"), event != "pull_request_target" else { return false }
        // A fork that was deleted has no repository any more.
        guard case .object(let from)? = payload.value(at: "pull_request", "head", "repo") else { return true }
        func own(_ key: String) -> ExpressionValue? {
            payload.value(at: "pull_request", "base", "repo", key) ?? payload.value(at: "repository", key)
        }
        // Each that tells must say the same. A pull request within a repository that is itself a fork is none of a fork.
        var isTold = false
        if let base = id(own("id")), let head = id(from["id"]) {
            if base != head { return true }
            isTold = true
        }
        if let base = name(own("full_name")), let head = name(from["full_name"]) {
            if base != head { return true }
            isTold = true
        }
        if isTold { return false }
        guard case .boolean(false)? = from["fork"] else { return true }
        return false
    }

    /// Only numbers from 1 on name a repository.
    private static func id(_ value: ExpressionValue?) -> Double? {
        guard case .number(let number)? = value, number >= 1 else { return nil }
        return number
    }

    private static func name(_ value: ExpressionValue?) -> String? {
        guard case .string(let name)? = value, !name.isEmpty else { return nil }
        return name.lowercased()
    }
}
