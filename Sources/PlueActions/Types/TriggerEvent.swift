internal import WorkflowSyntax

/// An event that starts a workflow, with its filters; an empty list filters nothing.
public enum TriggerEvent: Sendable, Hashable {
    case push(branches: [String] = [], tags: [String] = [], paths: [String] = [])
    case pullRequest(types: [String] = [], branches: [String] = [])
    /// Five fields, in UTC unless an IANA time zone is named.
    case schedule(cron: String, timezone: String? = nil)
    case workflowDispatch(inputs: [String: WorkflowInput] = [:])
    /// Any other event of GitHub, or one with more filters than the cases above have, by the names of the file:
    /// `branches-ignore`, `workflows`, …
    case other(String, filters: [String: [String]] = [:])

    /// `push`, `pull_request`, …
    public var name: String {
        switch self {
        case .push: "push"
        case .pullRequest: "pull_request"
        case .schedule: "schedule"
        case .workflowDispatch: "workflow_dispatch"
        case .other(let name, _): name
        }
    }

    /// A schedule is one event a cron.
    static func all(of workflow: WorkflowSyntax.Workflow) -> [TriggerEvent] {
        workflow.triggers.flatMap { trigger -> [TriggerEvent] in
            let filters = Self.filters(of: trigger)
            switch trigger.event {
            case "push" where Set(filters.keys).isSubset(of: ["branches", "tags", "paths"]):
                return [
                    .push(
                        branches: trigger.branches ?? [], tags: trigger.tags ?? [], paths: trigger.paths ?? [])
                ]
            case "pull_request" where Set(filters.keys).isSubset(of: ["types", "branches"]):
                return [.pullRequest(types: trigger.types ?? [], branches: trigger.branches ?? [])]
            case "schedule": return trigger.schedules.map { .schedule(cron: $0.cron, timezone: $0.timezone) }
            case "workflow_dispatch":
                let inputs = workflow.dispatchInputs.map { ($0.name, WorkflowInput($0)) }
                return [.workflowDispatch(inputs: Dictionary(inputs) { first, _ in first })]
            default: return [.other(trigger.event, filters: filters)]
            }
        }
    }

    private static func filters(of trigger: Trigger) -> [String: [String]] {
        let all: [(String, [String]?)] = [
            ("types", trigger.types), ("branches", trigger.branches), ("branches-ignore", trigger.branchesIgnore),
            ("tags", trigger.tags), ("tags-ignore", trigger.tagsIgnore), ("paths", trigger.paths),
            ("paths-ignore", trigger.pathsIgnore), ("workflows", trigger.workflows),
        ]
        return Dictionary(uniqueKeysWithValues: all.compactMap { name, list in list.map { (name, $0) } })
    }

    /// What stands under its name.
    var json: JSONValue {
        var writer = MemberWriter(rest: [])
        switch self {
        case .push(let branches, let tags, let paths):
            writer.add("branches", branches)
            writer.add("tags", tags)
            writer.add("paths", paths)
        case .pullRequest(let types, let branches):
            writer.add("types", types)
            writer.add("branches", branches)
        case .schedule(let cron, let timezone):
            var entry = MemberWriter(rest: [])
            entry.add("cron", .string(cron))
            if let timezone { entry.add("timezone", .string(timezone)) }
            return .array([entry.object])
        case .workflowDispatch(let inputs):
            let members = inputs.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value.json) }
            if !members.isEmpty { writer.add("inputs", .object(members)) }
        case .other(_, let filters):
            for (name, list) in filters.sorted(by: { $0.key < $1.key }) { writer.add(name, list) }
        }
        return writer.object
    }
}
