internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Concurrency groups: at most one running, a bounded number pending, the oldest pending superseded by a newer one.
/// Who gets a group becomes ready; it starts in ``Changes/drain(on:)``. The groups are locked first, in a
/// statement of its own; what their slots say is decided afterwards.
struct ConcurrencySlots {
    let scheduler: RunScheduler

    /// A slot for the job: true when it may run now. A job that must wait may supersede one that waited before it.
    func acquire(_ key: String, for job: JobExecution, on db: isolated any StorageConnection) throws -> Bool {
        let own = try db.first(
            Select("state").from("actions_concurrency_slots").where("execution_id = \(job.id)"))
        if let own { return try own["state"] as String == "running" }
        return try acquire(
            key, execution: job.id, cancels: job.concurrencyCancels, depth: job.concurrencyDepth, on: db)
    }

    /// A slot for the run itself.
    func acquireRun(_ request: ConcurrencyRequest, on db: isolated any StorageConnection) throws -> Bool {
        guard let key = request.key else { return true }
        return try acquire(
            key, execution: nil, cancels: request.cancelInProgress, depth: Int64(request.queueDepth), on: db)
    }

    private func acquire(
        _ key: String, execution: ExecutionID?, cancels: Bool, depth: Int64, on db: isolated any StorageConnection
    ) throws -> Bool {
        let repository = scheduler.run.repositoryID
        try lock(key, on: db)
        let slots = try db.run(
            Select("id", "run_id", "execution_id", "state").from("actions_concurrency_slots")
                .where("repository_id = \(repository)").and("key_folded = \(key)").orderBy("id"))
        let isFree = slots.isEmpty
        try db.run(
            Insert("actions_concurrency_slots").values([
                "repository_id": repository, "key_folded": key, "run_id": scheduler.run.id,
                "execution_id": execution, "state": isFree ? "running" : "pending",
            ]))
        if isFree { return true }
        let pending = try slots.filter { try $0["state"] as String == "pending" }
        // First, so that none of them takes the place of a holder that ends at once.
        for slot in pending.prefix(max(0, pending.count + 1 - Int(depth))) { try supersede(slot, on: db) }
        if cancels {
            for slot in slots where try slot["state"] as String == "running" { try cancelHolder(slot, on: db) }
        }
        // Cancelling a holder that had not started freed the group already.
        let now = try db.first(
            Select("state").from("actions_concurrency_slots").where("run_id = \(scheduler.run.id)")
                .and("key_folded = \(key)").and(execution.map { "execution_id = \($0)" } ?? "execution_id IS NULL"))
        return try now?["state"] as String? == "running"
    }

    /// Makes this transaction the only one that decides about groups of the repository, and the group known.
    func lock(_ key: String, on db: isolated any StorageConnection) throws {
        let repository = scheduler.run.repositoryID
        let changes = scheduler.changes
        if changes.lockedGroups[repository] == nil {
            try Self.lockGroups(of: repository, changes, waiting: false, on: db)
        }
        if changes.lockedGroups[repository, default: []].insert(key).inserted {
            try db.run(Self.group(key, of: repository))
        }
    }

    private func cancelHolder(_ slot: Row, on db: isolated any StorageConnection) throws {
        let other = try scheduler(of: slot, on: db)
        if let id = try slot["execution_id"] as Int64? {
            try other.cancel(try other.execution(ID(id), on: db), reason: .superseded, on: db)
        } else {
            try cancelRun(of: other, on: db)
        }
    }

    private func supersede(_ slot: Row, on db: isolated any StorageConnection) throws {
        try db.run(Delete("actions_concurrency_slots").where("id = \(try slot["id"] as Int64)"))
        let other = try scheduler(of: slot, on: db)
        if let id = try slot["execution_id"] as Int64? {
            try other.finish(try other.execution(ID(id), on: db), .cancelled, reason: .superseded, on: db)
        } else {
            try cancelRun(of: other, on: db)
        }
    }

    /// A run that this one takes the place of.
    private func cancelRun(of other: RunScheduler, on db: isolated any StorageConnection) throws {
        try db.run(
            Update("actions_workflow_runs").set("superseded_by", scheduler.run.id).where("id = \(other.run.id)"))
        try other.cancelRun(reason: .superseded, on: db)
    }

    /// Gives back the slot of a job that ended, or waited, and lets the next one in.
    func release(_ job: JobExecution, on db: isolated any StorageConnection) throws {
        guard let key = job.concurrencyKey else { return }
        try lock(key, on: db)
        let freed = try db.run(Delete("actions_concurrency_slots").where("execution_id = \(job.id)")).changes
        if freed > 0 { try promote(key, on: db) }
    }

    func releaseRun(on db: isolated any StorageConnection) throws {
        guard let key = scheduler.run.concurrencyKey else { return }
        try lock(key, on: db)
        let freed = try db.run(
            Delete("actions_concurrency_slots").where("run_id = \(scheduler.run.id)").and("execution_id IS NULL")
        ).changes
        if freed > 0 { try promote(key, on: db) }
    }

    /// The oldest that waits becomes the holder when the group is free.
    private func promote(_ key: String, on db: isolated any StorageConnection) throws {
        let next = try db.first(
            Select("id", "run_id", "execution_id", "state").from("actions_concurrency_slots")
                .where("repository_id = \(scheduler.run.repositoryID)").and("key_folded = \(key)")
                .orderBy("CASE state WHEN 'running' THEN 0 ELSE 1 END, id").limit(1))
        guard let next, try next["state"] as String == "pending" else { return }
        try db.run(
            Update("actions_concurrency_slots").set("state", "running").where("id = \(try next["id"] as Int64)"))
        let other = try scheduler(of: next, on: db)
        if let id = try next["execution_id"] as Int64? {
            other.ready.append(ID(id))
        } else {
            try other.admitRun(on: db)
        }
    }

    /// That of the slot's run: this one, or another's within the same transaction.
    private func scheduler(of slot: Row, on db: isolated any StorageConnection) throws -> RunScheduler {
        try scheduler.changes.scheduler(
            ID(try slot["run_id"]), services: scheduler.services,
            by: scheduler.principal, on: db)
    }
}
