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
        let services = services
        let waiting = Select("q.execution_id", "q.workflow_run_id").from("actions_job_queue AS q")
            .join("actions_live_runs AS l", on: "l.run_id = q.workflow_run_id")
            .where("l.runner_id = \(runner.id)").orderBy("q.rank, q.execution_id").limit(limit)
        // Asked several times a second while a run waits: the write lock is taken only when there is something to take.
        guard try await services.backend.read({ db in try db.first(waiting.limit(1)) != nil }) else { return [] }
        return try await services.transaction { db, changes in
            let messages = try db.run(waiting).compactMap { row in
                let scheduler = try changes.scheduler(
                    ID(try row["workflow_run_id"]), services: services, by: principal, claiming: true, on: db)
                return try scheduler.claim(ID(try row["execution_id"]), for: runner, on: db)
            }
            try changes.drain(on: db)
            return messages
        }
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

extension RunScheduler {
    /// Nil when the job could not be handed out and failed.
    func claim(
        _ id: ExecutionID, for runner: Runner, on db: isolated any StorageConnection
    ) throws -> JobMessage? {
        // Another claim may have taken it, or a cancellation, while this one waited for the run.
        guard try db.run(Delete("actions_job_queue").where("execution_id = \(id)")).changes == 1 else { return nil }
        let waiting = try execution(id, on: db)
        let changed = try db.run(
            Update("actions_job_executions").set("status", JobStatus.inProgress).set("claims", sql: "claims + 1")
                .set("started_at", .clampedNow(after: "coalesce(queued_at, created_at)"))
                .where("id = \(id)").and("status = 'queued'")
        ).changes
        guard changed == 1 else {
            throw ServiceError(.illegalTransition, "job \(id)", "it is \(waiting.status.rawValue), not queued")
        }
        try recordTransition(job: waiting, to: .inProgress, reason: nil, on: db)
        let claimed = try execution(id, on: db)
        let token = claimed.claims
        let assignment = try JobAssignment(
            try db.one(
                Insert("actions_job_assignments").values([
                    "execution_id": id, "repository_id": run.repositoryID, "runner_id": runner.id,
                    "runner_name": runner.name, "fencing_token": token,
                    "log_month": claimed.startedAt?.month ?? 197001, "claimed_at": claimed.startedAt,
                    "acknowledged_at": claimed.startedAt,
                ]).returning("id", "execution_id", "fencing_token", "log_month")))
        let until: any Bindable = runner.lockPath == nil ? SQL.now(plus: Lease.duration) : Term.null
        try db.run(
            Insert("actions_leases").values([
                "execution_id": id, "assignment_id": assignment.id, "runner_id": runner.id, "fencing_token": token,
                // Of a runner that lives by its lock there is no lease that could end.
                "lease_until": until,
            ]))
        try markRunStarted(on: db)
        changes.events.append(.jobStarted(claimed))
        do {
            return try message(for: claimed, assignment, on: db)
        } catch let error as StorageError {
            throw error
        } catch {
            // A job that cannot be handed out fails alone; it never stands in the way of others.
            try finish(claimed, .failure, reason: .setupFailed, message: "\(error)", on: db)
            return nil
        }
    }
}
