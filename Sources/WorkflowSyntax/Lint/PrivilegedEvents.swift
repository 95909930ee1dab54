/// Events that run with the repository's secrets for a pull request, or a comment, of anyone.
enum PrivilegedEvents {
    private static let all: Set<String> = ["pull_request_target", "workflow_run", "issue_comment"]

    /// Those of a workflow, in its order.
    static func of(_ workflow: Workflow) -> [String] {
        workflow.triggers.map(\.event).filter { all.contains($0) }
    }

    /// Those for which a condition may hold when what was proposed comes from a stranger.
    static func passing(_ condition: Expression, _ events: [String]) -> [String] {
        if events.isEmpty || !condition.parts.isEmpty { return events }
        let passing = passing(condition.root, Set(events))
        return events.filter { passing.contains($0) }
    }

    private static func passing(_ node: ExpressionNode, _ events: Set<String>) -> Set<String> {
        switch node {
        case .all(let nodes): return nodes.reduce(events) { $0.intersection(passing($1, events)) }
        case .any(let nodes): return nodes.reduce([]) { $0.union(passing($1, events)) }
        // The event of a comment does not tell.
        case .not(let inner) where inner.path == "github.event.pull_request.head.repo.fork":
            return events.subtracting(["pull_request_target"])
        case .compare(let comparison, let a, let b):
            guard comparison == .equal || comparison == .notEqual else { return events }
            if case .literal(let value) = b { return passing(a.path, comparison == .equal, value, events) }
            if case .literal(let value) = a { return passing(b.path, comparison == .equal, value, events) }
            guard comparison == .equal, let a = a.path, let b = b.path else { return events }
            return isSameRepository(a, b) || isSameRepository(b, a) ? [] : events
        default: return events
        }
    }

    private static func passing(
        _ path: String?, _ isEqual: Bool, _ value: ExpressionValue, _ events: Set<String>
    ) -> Set<String> {
        switch (path, value) {
        case ("github.event_name", .string(let name)):
            return events.filter { OrdinalText.same($0, name) == isEqual }
        case ("github.event.pull_request.head.repo.fork", .boolean(let isFork)) where isFork != isEqual:
            return events.subtracting(["pull_request_target"])
        case ("github.event.workflow_run.event", .string(let name)):
            let isProposal = OrdinalText.hasPrefix(name, "pull_request")
            if isEqual { return isProposal ? events.intersection(["workflow_run"]) : [] }
            return isProposal ? events.subtracting(["workflow_run"]) : events
        default: return events
        }
    }

    private static func isSameRepository(_ head: String, _ own: String) -> Bool {
        let names = [
            "full_name": ["github.repository", "github.event.pull_request.base.repo.full_name"],
            "id": ["github.repository_id", "github.event.pull_request.base.repo.id"],
            "owner.login": ["github.repository_owner", "github.event.pull_request.base.repo.owner.login"],
        ]
        for prefix in ["github.event.pull_request.head.repo.", "github.event.workflow_run.head_repository."]
        where head.hasPrefix(prefix) {
            let property = String(head.dropFirst(prefix.count))
            return names[property]?.contains(own) ?? false
                || own == "github.event.repository.\(property)"
        }
        return false
    }
}
