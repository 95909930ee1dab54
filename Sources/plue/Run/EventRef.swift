internal import WorkflowSyntax

/// The ref that an event happens on (`github.ref`), after the tables of "Events that trigger workflows".
struct EventRef {
    private enum Kind {
        /// The branch that is checked out.
        case current
        /// `refs/pull/N/merge`
        case pullRequest
        /// The tag of a release.
        case release
        case created
        case mergeGroup
        case defaultBranch
    }

    /// Other events happen on the default branch.
    private static let kinds: [String: Kind] = [
        "push": .current, "workflow_dispatch": .current, "deployment": .current, "deployment_status": .current,
        "registry_package": .current, "create": .created, "release": .release, "merge_group": .mergeGroup,
        "pull_request": .pullRequest, "pull_request_review": .pullRequest, "pull_request_review_comment": .pullRequest,
    ]

    /// `refs/heads/main`; a commit where the head is detached.
    let name: String
    /// What is checked out, or asked for, by its short name.
    let branch: String
    let defaultBranch: String

    /// `option` is the user's choice, `payload` the user's body of the event. Throws ``CommandError`` for a choice that
    /// is no whole name.
    init(option: String?, event: String, payload: ExpressionValue?, git: Git) throws {
        if let option, !option.hasPrefix("refs/") {
            throw CommandError(
                ExitStatus.usage, "--ref \(option): give the whole name, such as refs/heads/\(option)")
        }
        defaultBranch = payload?.text(at: "repository", "default_branch") ?? git.defaultBranch
        branch = Self.branch(option) ?? Self.branch(git.ref) ?? defaultBranch
        name = option ?? Self.name(event, payload, git, defaultBranch: defaultBranch, branch: branch)
    }

    var shortName: String { name.split(separator: "/", maxSplits: 2).last.map(String.init) ?? name }
    var type: String { name.hasPrefix("refs/tags/") ? "tag" : "branch" }

    private static func branch(_ ref: String?) -> String? {
        ref.flatMap { $0.hasPrefix("refs/heads/") ? String($0.dropFirst("refs/heads/".count)) : nil }
    }

    private static func name(
        _ event: String, _ payload: ExpressionValue?, _ git: Git, defaultBranch: String, branch: String
    ) -> String {
        let given = payload?.text(at: "ref")
        if let given, given.hasPrefix("refs/") { return given }
        switch kinds[event] ?? .defaultBranch {
        case .current: return git.ref
        case .defaultBranch: return "refs/heads/\(defaultBranch)"
        case .release: return "refs/tags/\(payload?.text(at: "release", "tag_name") ?? "v1.0.0")"
        case .created:
            guard let given else { return git.ref }
            return payload?.text(at: "ref_type") == "tag" ? "refs/tags/\(given)" : "refs/heads/\(given)"
        case .mergeGroup:
            let sha = git.commit ?? Git.noCommit
            return payload?.text(at: "merge_group", "head_ref")
                ?? "refs/heads/gh-readonly-queue/\(defaultBranch)/pr-1-\(sha)"
        case .pullRequest:
            // A merged one is no ref any more.
            if event == "pull_request", payload?.text(at: "action") == "closed",
                payload?.value(at: "pull_request", "merged")?.isTruthy == true,
                let base = payload?.text(at: "pull_request", "base", "ref")
            {
                return "refs/heads/\(base)"
            }
            let number = payload?.value(at: "number") ?? payload?.value(at: "pull_request", "number")
            return "refs/pull/\(number?.text ?? "1")/merge"
        }
    }
}
