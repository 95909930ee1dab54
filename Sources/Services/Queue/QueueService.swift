internal import Hashing
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The queue of jobs that wait for a runner.
public struct QueueService: Sendable {
    let services: Services

    /// Takes up to `limit` waiting jobs of the runs that are bound to that runner, the highest rank first, and returns
    /// everything that it needs to execute them. Each becomes `in_progress` with an assignment and a fencing token.
    public func claim(
        runner: Runner, limit: Int, by principal: Principal
    ) async throws -> [JobMessage] {
        try await services.access.check(.runnerWork, .runner(runner.id), by: principal)
        let services = services
        let waiting = Select("q.execution_id", "q.workflow_run_id").from("actions_job_queue AS q")
            .join("actions_live_runs AS l", on: "l.run_id = q.workflow_run_id")
            .where("l.runner_id = \(runner.id)").orderBy("q.rank, q.execution_id").limit(limit)
        // Asked several times a second while a run waits: the write lock is taken only when there is something to take.
        guard try await services.backend.read({ db in try db.first(waiting.limit(1)) != nil }) else { return [] }
        let claimed = try await services.transaction { db, changes in
            let picks = try db.run(waiting).map { row in
                JobClaim.Pick(execution: ID(try row["execution_id"]), run: ID(try row["workflow_run_id"]))
            }
            return try JobClaim(principal: principal, changes: changes)
                .take(picks, for: picks.map { _ in JobClaim.Seat(runner: runner) }, finishing: true, on: db)
        }
        return try await messages(of: claimed, by: principal)
    }

    /// What the runner needs to execute these jobs; those for which it cannot be made fail.
    func messages(of claimed: [JobClaim.Claimed], by principal: Principal) async throws -> [JobMessage] {
        let (messages, refused) = try await ClaimMessages(services: services, principal: principal).make(of: claimed)
        for job in refused {
            try await services.runners.complete(
                job.token, .failure, reason: .setupFailed, message: job.message, by: .system)
        }
        return messages
    }

    /// The id of the set of those labels: lower-cased, sorted, without duplicates.
    func intern(_ labels: [String], _ changes: Changes, on db: isolated any StorageConnection) throws -> Int64 {
        let folded = Set(labels.map { $0.lowercased() }).sorted()
        let text = ExpressionValue.array(ExpressionArray(folded.map { .string($0) })).json(pretty: false)
        let digest = SHA256.hex(of: text)
        if let known = changes.fresh.labelSets[digest] ?? services.cache.labelSet(digest) { return known }
        let known = Select("id").from("actions_label_sets").where("sha256 = \(digest)")
        var row = try db.first(known)
        if row == nil {
            try db.run(
                Insert("actions_label_sets")
                    .values(["sha256": digest, "labels": SQL.json(text), "created_at": .now])
                    .onConflict("sha256", .doNothing))
            row = try db.one(known, "label set")
        }
        guard let id = try row?["id"] as Int64? else {
            throw StorageError(.missingRow, subject: "label set", "a label set was not stored")
        }
        changes.fresh.labelSets[digest] = id
        return id
    }

    func labels(of set: Int64, on db: isolated any StorageConnection) throws -> [String] {
        let row = try db.one(Select("labels").from("actions_label_sets").where("id = \(set)"), "label set \(set)")
        guard case .array(let labels) = try ExpressionValue(json: row["labels"]) else { return [] }
        return labels.elements.map(\.text)
    }
}
