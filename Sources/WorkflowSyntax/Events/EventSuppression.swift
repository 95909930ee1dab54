/// Events that start no workflow whatever its triggers are ("Events that trigger workflows", the notes on each event).
enum EventSuppression {
    private struct Rule {
        var event: String
        /// Nil: all.
        var actions: [String]?
        /// Where the payload must have `value`.
        var path: [String]
        var value: ExpressionValue
        var reason: String
    }

    private static let rules = [
        Rule(
            event: "deployment_status", path: ["deployment_status", "state"], value: .string("inactive"),
            reason: "a deployment status that is 'inactive' starts no workflow"),
        Rule(
            event: "release", actions: ["created", "edited", "deleted"], path: ["release", "draft"],
            value: .boolean(true), reason: "a draft of a release starts no workflow"),
        Rule(
            event: "pull_request", actions: EventSchema.all["pull_request"]?.types.filter { $0 != "closed" },
            path: ["pull_request", "mergeable"], value: .boolean(false),
            reason: "the pull request has a merge conflict"),
    ]

    static func reason(_ event: String, _ payload: ExpressionValue) -> String? {
        let rule = rules.first { rule in
            guard rule.event == event, let found = payload.value(at: rule.path) else { return false }
            if let actions = rule.actions, !actions.contains(payload.text(at: "action") ?? "") { return false }
            switch (found, rule.value) {
            case (.string(let a), .string(let b)): return a == b
            case (.boolean(let a), .boolean(let b)): return a == b
            default: return false
            }
        }
        return rule?.reason
    }
}
