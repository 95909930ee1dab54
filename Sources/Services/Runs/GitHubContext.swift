internal import Model
internal import WorkflowSyntax

/// The `github` context as far as the server knows it; a runner adds what belongs to its host (`workspace`, …).
enum GitHubContext {
    static func make(
        run: WorkflowRun, attempt: Int64, repository: Repository, workflowPath: String, payload: ExpressionValue
    ) -> [(String, ExpressionValue)] {
        let isPullRequest = run.event.hasPrefix("pull_request")
        let baseRef = isPullRequest ? payload.text(at: "pull_request", "base", "ref") ?? "" : ""
        let headRef = isPullRequest ? payload.text(at: "pull_request", "head", "ref") ?? "" : ""
        let isTag = run.headRef.hasPrefix("refs/tags/")
        let refName =
            ["refs/heads/", "refs/tags/", "refs/pull/"]
            .first { run.headRef.hasPrefix($0) }
            .map { String(run.headRef.dropFirst($0.count)) } ?? run.headRef
        let workflowRef = "\(repository.fullName)/\(workflowPath)@\(run.headRef)"
        let server = "https://github.com"
        return [
            ("token", .string("")),
            ("job", .string("")),
            ("ref", .string(run.headRef)),
            ("sha", .string(run.headSHA)),
            ("repository", .string(repository.fullName)),
            ("repository_id", .string(String(repository.id.rawValue))),
            ("repository_owner", .string(repository.owner)),
            ("repository_owner_id", .string("0")),
            ("repositoryUrl", .string("git://github.com/\(repository.fullName).git")),
            ("run_id", .string(String(run.id.rawValue))),
            ("run_number", .string(String(run.runNumber))),
            ("retention_days", .string("90")),
            ("run_attempt", .string(String(attempt))),
            ("artifact_cache_size_limit", .string("10")),
            ("actor", .string(run.actor)),
            ("actor_id", .string("0")),
            ("triggering_actor", .string(run.triggeringActor)),
            ("workflow", .string(run.name)),
            ("workflow_ref", .string(workflowRef)),
            ("workflow_sha", .string(run.headSHA)),
            ("head_ref", .string(headRef)),
            ("base_ref", .string(baseRef)),
            ("event_name", .string(run.event)),
            ("event", payload),
            ("server_url", .string(server)),
            ("api_url", .string("https://api.github.com")),
            ("graphql_url", .string("https://api.github.com/graphql")),
            ("ref_name", .string(refName)),
            ("ref_protected", .boolean(false)),
            ("ref_type", .string(isTag ? "tag" : "branch")),
            ("secret_source", .string("Actions")),
        ]
    }
}
