internal import WorkflowSyntax

/// `github.event` when the user gives none: what GitHub would send, as far as the repository tells.
enum EventPayload {
    static func make(_ event: String, git: Git, ref: String, actor: String) -> ExpressionValue {
        let (owner, name) = git.repositoryName
        let commit = git.commit ?? Git.noCommit
        let user = object([("login", .string(actor)), ("name", .string(actor)), ("type", .string("User"))])
        let repository = object([
            ("name", .string(name)), ("full_name", .string("\(owner)/\(name)")),
            ("owner", object([("login", .string(owner)), ("name", .string(owner))])),
            ("private", .boolean(true)), ("default_branch", .string("main")),
            ("html_url", .string("https://github.com/\(owner)/\(name)")),
            ("clone_url", .string("https://github.com/\(owner)/\(name).git")),
        ])
        var pairs: [(String, ExpressionValue)] = [("repository", repository), ("sender", user)]
        let branch = ref.split(separator: "/", maxSplits: 2).last.map(String.init) ?? ref
        switch event {
        case "push":
            let head = object([
                ("id", .string(commit)), ("message", .string("")), ("author", user), ("committer", user),
            ])
            pairs += [
                ("ref", .string(ref)), ("before", .string(Git.noCommit)), ("after", .string(commit)),
                ("created", .boolean(false)), ("deleted", .boolean(false)), ("forced", .boolean(false)),
                ("head_commit", head), ("commits", .array(ExpressionArray([head]))), ("pusher", user),
            ]
        case "pull_request", "pull_request_target":
            let head = object([("ref", .string(branch)), ("sha", .string(commit)), ("repo", repository)])
            let base = object([("ref", .string("main")), ("sha", .string(commit)), ("repo", repository)])
            pairs += [
                ("action", .string("opened")), ("number", .number(1)),
                (
                    "pull_request",
                    object([
                        ("number", .number(1)), ("state", .string("open")), ("title", .string(branch)),
                        ("draft", .boolean(false)), ("merged", .boolean(false)), ("head", head), ("base", base),
                        ("labels", .array(ExpressionArray([]))), ("user", user),
                    ])
                ),
            ]
        case "workflow_dispatch":
            pairs += [("ref", .string(ref))]
        default: break
        }
        return object(pairs)
    }

    private static func object(_ pairs: [(String, ExpressionValue)]) -> ExpressionValue {
        .object(ExpressionObject(pairs))
    }
}
