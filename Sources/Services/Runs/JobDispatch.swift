internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// What the token of a job may start: a workflow as it is stored, of a commit and branch that are known, as
/// `workflow_dispatch` does on GitHub. Whoever held such a token would else write a workflow that reads every secret, or
/// name the branch that an environment is for.
enum JobDispatch {
    /// Why it may not.
    struct Refusal: Error {
        let reason: String

        static func content(_ path: String) -> Refusal {
            Refusal(reason: "\(path) is not stored with this content: a job starts workflows as they are stored")
        }
    }

    static func check(
        _ request: RunRequest, by principal: Principal, on db: isolated any StorageConnection
    ) throws {
        try check(actor: request.actor, by: principal)
        guard request.event == "workflow_dispatch", request.source.workflow.triggers.contains(where: \.isDispatch)
        else {
            throw Refusal(reason: "the token of a job starts what has workflow_dispatch, by that event alone")
        }
        guard request.runner == nil, request.priority == 0, request.isExpanding, request.selection.isWhole,
            request.variables == "{}", request.actorID == nil
        else {
            throw Refusal(
                reason: "the token of a job gives a run neither jobs, variables, a priority, a runner nor an actor")
        }
        // What a pull request brought may be a fork's, and wait for its approval.
        let known = Select("id").from("actions_workflow_runs").where("repository_id = \(request.repository.id)")
            .and("head_sha = \(request.headSHA)").and("head_ref = \(request.headRef)")
            .and("event NOT LIKE 'pull_request%'").limit(1)
        guard !request.headRef.hasPrefix("refs/pull/"), try db.first(known) != nil else {
            throw Refusal(
                reason: "no run was made of \(request.headSHA.prefix(7)) on \(request.headRef) yet: "
                    + "a job starts runs of commits that are known")
        }
    }
}

extension JobDispatch {
    /// The same of a run that is to run again: of a fork's somebody else has to say that it may.
    static func check(
        _ run: WorkflowRun, actor: String, by principal: Principal, on db: isolated any StorageConnection
    ) throws {
        try check(actor: actor, by: principal)
        let row = try db.first(Select("payload").from("actions_events").where("id = \(run.eventID ?? 0)"))
        if try PullRequestOrigin.isFork(event: run.event, payload: try row?["payload"]) {
            throw Refusal(reason: "a job does not run again what a fork asked for, which a user approves")
        }
    }

    /// Conditions of workflows and reviewers trust that name.
    private static func check(actor: String, by principal: Principal) throws {
        guard actor == principal.actor else {
            throw Refusal(reason: "what a job starts is started by \(principal.actor), by no other name")
        }
    }
}

extension Trigger {
    fileprivate var isDispatch: Bool { event == "workflow_dispatch" }
}
