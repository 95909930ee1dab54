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

    static func check(_ request: RunRequest, on db: isolated any StorageConnection) throws {
        guard request.event == "workflow_dispatch", request.source.workflow.triggers.contains(where: \.isDispatch)
        else {
            throw Refusal(reason: "the token of a job starts what has workflow_dispatch, by that event alone")
        }
        guard request.runner == nil, request.priority == 0, request.isExpanding, request.selection.isWhole,
            request.variables == "{}"
        else {
            throw Refusal(reason: "the token of a job gives a run neither jobs, variables, a priority nor a runner")
        }
        let known = Select("id").from("actions_workflow_runs").where("repository_id = \(request.repository.id)")
            .and("head_sha = \(request.headSHA)").and("head_ref = \(request.headRef)").limit(1)
        guard try db.first(known) != nil else {
            throw Refusal(
                reason: "no run was made of \(request.headSHA.prefix(7)) on \(request.headRef) yet: "
                    + "a job starts runs of commits that are known")
        }
    }
}

extension Trigger {
    fileprivate var isDispatch: Bool { event == "workflow_dispatch" }
}
