/// Whether a workflow runs for an event.
public enum TriggerMatch: Sendable, Equatable {
    case runs
    /// The reason is a phrase for people: `branch 'x' is not in branches: main`.
    case skipped(reason: String)

    /// Pure: by name, activity, ref and changed files alone. Of several triggers of an event one is enough; the reason
    /// is that of the first.
    public init(_ event: TriggerEvent, _ workflow: Workflow) {
        let triggers = workflow.triggers.filter { $0.event == event.name }
        if triggers.isEmpty {
            let names = workflow.triggers.map(\.event).joined(separator: ", ")
            self = .skipped(reason: "'\(event.name)' is not in on: \(names)")
            return
        }
        if event.name == "push" || event.name == "pull_request", let message = event.commitMessage,
            let mark = SkipMark.find(in: message)
        {
            self = .skipped(reason: "the commit message has '\(mark)'")
            return
        }
        if let suppression = event.suppression {
            self = .skipped(reason: suppression)
            return
        }
        var reason = ""
        for trigger in triggers {
            guard let fault = Self.reason(event, trigger) else {
                self = .runs
                return
            }
            if reason.isEmpty { reason = fault }
        }
        self = .skipped(reason: reason)
    }

    /// Why the trigger does not take the event; nil when it does.
    private static func reason(_ event: TriggerEvent, _ trigger: Trigger) -> String? {
        if let reason = activity(event, trigger) { return reason }
        if let cron = event.schedule, !trigger.schedules.contains(where: { $0.cron == cron }) {
            return "cron '\(cron)' is not among \(trigger.schedules.map { "'\($0.cron)'" }.joined(separator: ", "))"
        }
        if let workflows = trigger.workflows, let name = event.workflowName, !workflows.contains(name) {
            return "workflow '\(name)' is not in workflows: \(workflows.joined(separator: ", "))"
        }
        if event.name == "push" { return push(event, trigger) }
        let branch: String?
        if case .branch(let name)? = event.ref, event.name == "workflow_run" {
            branch = name
        } else {
            branch = event.baseBranch
        }
        if let branch, let reason = filter("branch", [branch], trigger.branches, trigger.branchesIgnore, "branches") {
            return reason
        }
        return paths(event, trigger)
    }

    /// A trigger without `types` takes the default ones of its event; webhooks know more of some events than workflows do
    /// (`check_suite` is `requested`, too).
    private static func activity(_ event: TriggerEvent, _ trigger: Trigger) -> String? {
        guard let activity = event.activity else { return nil }
        if let types = trigger.types {
            if types.contains(activity) { return nil }
            return "activity '\(activity)' is not in types: \(types.joined(separator: ", "))"
        }
        guard let schema = EventSchema.all[event.name] else { return nil }
        let types = schema.defaultTypes ?? schema.types
        if types.isEmpty || types.contains(activity) { return nil }
        let all = types.joined(separator: ", ")
        return "activity '\(activity)' is not among those that \(event.name) runs on by default: \(all)"
    }

    /// `branches` and `tags` are alternatives: with only one of them, refs of the other kind do not run.
    private static func push(_ event: TriggerEvent, _ trigger: Trigger) -> String? {
        let filtersBranches = trigger.branches != nil || trigger.branchesIgnore != nil
        let filtersTags = trigger.tags != nil || trigger.tagsIgnore != nil
        switch event.ref {
        case .tag(let name)?:
            if filtersBranches && !filtersTags { return "tag '\(name)': on.push has only filters of branches" }
            // GitHub does not look at paths when a tag is pushed.
            return filter("tag", [name], trigger.tags, trigger.tagsIgnore, "tags")
        case .branch(let name)?:
            if filtersTags && !filtersBranches { return "branch '\(name)': on.push has only filters of tags" }
            return filter("branch", [name], trigger.branches, trigger.branchesIgnore, "branches")
                ?? paths(event, trigger)
        case nil: return paths(event, trigger)
        }
    }

    private static func paths(_ event: TriggerEvent, _ trigger: Trigger) -> String? {
        guard let files = event.changedFiles, event.commitCount ?? 0 <= 1_000 else { return nil }
        if trigger.paths == nil && trigger.pathsIgnore == nil { return nil }
        // GitHub's diffs end at 300 files.
        return filter("changed file", Array(files.prefix(300)), trigger.paths, trigger.pathsIgnore, "paths")
    }

    private static func filter(
        _ subject: String, _ names: [String], _ including: [String]?, _ ignoring: [String]?, _ key: String
    ) -> String? {
        let what = names.count == 1 ? "\(subject) '\(names[0])'" : "\(names.count) \(subject)s"
        if let including, !FilterList(including).runs(including: names) {
            let negative = names.count == 1 ? "is not" : names.isEmpty ? "cannot be" : "none is"
            return "\(what) \(negative) in \(key): \(including.joined(separator: ", "))"
        }
        if let ignoring, !FilterList(ignoring).runs(ignoring: names) {
            let positive = names.count == 1 ? "is" : "all are"
            return "\(what) \(positive) in \(key)-ignore: \(ignoring.joined(separator: ", "))"
        }
        return nil
    }
}
