internal import WorkflowSyntax

/// Where the text of a pull request comes from.
enum PullRequestOrigin {
    /// Whether the run executes what another repository holds, or may: where the event does not say whose the head is.
    /// `pull_request_target` runs what the base holds, so it is trusted.
    static func isFork(event: String, payload: ExpressionValue) -> Bool {
        guard event.hasPrefix("pull_request"), event != "pull_request_target" else { return false }
        // A fork that was deleted has no repository any more.
        guard case .object(let from)? = payload.value(at: "pull_request", "head", "repo") else { return true }
        // Each that tells must say the same. A pull request within a repository that is itself a fork is none of a fork.
        let told = [payload.value(at: "pull_request", "base", "repo"), payload.value(at: "repository")].flatMap { own in
            [
                compare(own?.value(at: "id"), from["id"], id),
                compare(own?.value(at: "full_name"), from["full_name"], name),
            ]
        }
        if told.contains(.other) { return true }
        if told.contains(.same) { return false }
        guard case .boolean(false)? = from["fork"] else { return true }
        return false
    }

    /// The same of an event as it is stored; what has none is as one that does not say.
    static func isFork(event: String, payload: String?) throws -> Bool {
        guard event.hasPrefix("pull_request") else { return false }
        return isFork(event: event, payload: try ExpressionValue(json: payload ?? "{}"))
    }

    private enum Comparison {
        case same, other, untold
    }

    /// What is there and cannot be read is another's.
    private static func compare(
        _ base: ExpressionValue?, _ head: ExpressionValue?, _ read: (ExpressionValue) -> String?
    ) -> Comparison {
        guard let base, let head else { return .untold }
        if case .null = base { return .untold }
        if case .null = head { return .untold }
        guard let base = read(base), let head = read(head) else { return .other }
        return base == head ? .same : .other
    }

    /// Numbers from 1 to 2^53 - 1 alone name a repository: greater ones are not told apart.
    private static func id(_ value: ExpressionValue) -> String? {
        guard case .number(let number) = value, (1..<9_007_199_254_740_992).contains(number) else { return nil }
        return "\(number)"
    }

    /// Without regard to case, of ASCII alone.
    private static func name(_ value: ExpressionValue) -> String? {
        guard case .string(let name) = value, !name.isEmpty, name.utf8.allSatisfy({ $0 < 128 }) else { return nil }
        return name.lowercased()
    }
}
