internal import Model
internal import QueryBuilder
internal import Storage

/// The users who asked for an attempt of a run, whatever name it has as its actor.
enum Requester {
    /// Whom the actor does not name: whoever started the run of the job that asks, or a user who gives another actor. Nil
    /// where the actor is who asks, or a server that says on whose behalf.
    static func name(
        behind actor: String, _ principal: Principal, on db: isolated any StorageConnection
    ) throws -> String? {
        switch principal.kind {
        case .runner, .system: return nil
        case .user: return principal.name.lowercased() == actor.lowercased() ? nil : principal.name
        case .job:
            guard let authority = principal.authority else { return nil }
            return try db.one(
                Select("coalesce(a.requested_by, a.triggering_actor) AS name").from("actions_job_executions AS e")
                    .join("actions_run_attempts AS a", on: "a.id = e.attempt_id")
                    .where("e.id = \(authority.token.executionID)"))["name"]
        }
    }

    /// Who has started the last attempt, as far as that is known, in lower case.
    static func starters(of run: WorkflowRun, on db: isolated any StorageConnection) throws -> Set<String> {
        let requester: String? = try db.one(
            Select("requested_by").from("actions_run_attempts").where("run_id = \(run.id)")
                .and("attempt = \(run.latestAttempt)"), "run \(run.id)")["requested_by"]
        guard let requester else { return [run.triggeringActor.lowercased()] }
        // A job that runs it again is no second pair of eyes beside whoever started it first.
        return Set([run.triggeringActor, run.actor, requester].map { $0.lowercased() })
    }
}
