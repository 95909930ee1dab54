/// What happened, as far as triggers look at it.
public struct TriggerEvent: Sendable {
    public enum Ref: Sendable, Equatable {
        /// Without `refs/heads/`.
        case branch(String)
        /// Without `refs/tags/`.
        case tag(String)
    }

    /// `push`, `pull_request`, …
    public var name: String
    /// The activity type; nil when it is not known, which every type accepts.
    public var activity: String?
    /// The pushed ref; for `workflow_run` the branch of the run.
    public var ref: Ref?
    /// The branch that a pull request or merge group goes into.
    public var baseBranch: String?
    /// Paths relative to the repository's root; nil when not known: path filters then let the run pass.
    public var changedFiles: [String]?
    /// Commits of the push; beyond 1,000 GitHub does not look at paths.
    public var commitCount: Int?
    /// For `workflow_run`: the name of the workflow that ran.
    public var workflowName: String?
    /// Of the head commit, for `push` and `pull_request`: it may ask for no run.
    public var commitMessage: String?

    public init(
        name: String, activity: String? = nil, ref: Ref? = nil, baseBranch: String? = nil,
        changedFiles: [String]? = nil, commitCount: Int? = nil, workflowName: String? = nil,
        commitMessage: String? = nil
    ) {
        self.name = name
        self.activity = activity
        self.ref = ref
        self.baseBranch = baseBranch
        self.changedFiles = changedFiles
        self.commitCount = commitCount
        self.workflowName = workflowName
        self.commitMessage = commitMessage
    }
}

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

    private static let pullRequestTypes = ["opened", "synchronize", "reopened"]

    /// Why the trigger does not take the event; nil when it does.
    private static func reason(_ event: TriggerEvent, _ trigger: Trigger) -> String? {
        let isPullRequest = event.name == "pull_request" || event.name == "pull_request_target"
        let types = trigger.types ?? (isPullRequest ? pullRequestTypes : nil)
        if let activity = event.activity, let types, !types.contains(activity) {
            return "activity '\(activity)' is not in types: \(types.joined(separator: ", "))"
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
