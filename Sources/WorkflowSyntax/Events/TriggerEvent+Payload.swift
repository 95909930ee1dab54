extension TriggerEvent {
    /// What triggers look at of an event, from the body of `github.event` and the ref that it happened on
    /// (`refs/heads/main`).
    public init(_ name: String, payload: ExpressionValue, ref: String, changedFiles: [String]? = nil) {
        self.init(name: name, changedFiles: changedFiles)
        activity = payload.text(at: "action")
        if name == "schedule" { schedule = payload.text(at: "schedule") }
        suppression = EventSuppression.reason(name, payload)
        commitMessage = payload.text(at: "head_commit", "message")
        if case .array(let commits)? = payload.value(at: "commits") { commitCount = commits.elements.count }
        if ref.hasPrefix("refs/tags/") {
            self.ref = .tag(String(ref.dropFirst("refs/tags/".count)))
        } else if ref.hasPrefix("refs/heads/") {
            self.ref = .branch(String(ref.dropFirst("refs/heads/".count)))
        }
        baseBranch = payload.text(at: "pull_request", "base", "ref")
        if name == "merge_group", let base = payload.text(at: "merge_group", "base_ref") {
            baseBranch = base.hasPrefix("refs/heads/") ? String(base.dropFirst("refs/heads/".count)) : base
        }
        if name == "workflow_run" {
            workflowName = payload.text(at: "workflow_run", "name") ?? payload.text(at: "workflow", "name")
            self.ref = payload.text(at: "workflow_run", "head_branch").map { .branch($0) }
        }
    }
}

extension ExpressionValue {
    /// Nil where a key of the path is missing.
    package func value(at keys: String...) -> ExpressionValue? {
        value(at: keys)
    }

    func value(at keys: [String]) -> ExpressionValue? {
        var value: ExpressionValue? = self
        for key in keys {
            guard case .object(let object)? = value else { return nil }
            value = object[key]
        }
        return value
    }

    /// The string at a path of keys; nil where there is none.
    package func text(at keys: String...) -> String? {
        guard case .string(let text)? = value(at: keys) else { return nil }
        return text
    }
}
