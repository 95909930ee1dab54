public import Model
internal import QueryBuilder
internal import Storage

extension RunnerService {
    /// What a sign of life is answered with.
    public struct Renewal: Sendable {
        /// Claims that are no longer the live ones: what they do is refused, so the runner stops them.
        public var lost: [JobToken]
        /// Executions that someone asked to stop.
        public var cancelled: [ExecutionID]
        /// Runners that take nothing now: they are paused, or ended.
        public var stopped: Set<RunnerID>
        /// Runners that take nothing any more: they drain, or were taken away.
        public var ended: Set<RunnerID>
        /// Those that were taken away.
        public var removed: Set<RunnerID>
    }

    /// A sign of life of several runners of one process, in one transaction: their leases begin anew, and they are told
    /// what happened meanwhile. A runner that was offline for its silence is online again.
    public func renew(
        _ runners: [RunnerID], claims: [JobToken], by principal: Principal
    ) async throws -> Renewal {
        try await services.access.check(.runnerWork, .installation, by: principal)
        let ids = runners.map(\.rawValue)
        let executions = claims.map(\.executionID.rawValue)
        let renewal = try await services.transaction { db, _ in
            let known = try db.run(
                Select("id", "status", "draining", "paused_reason").from("actions_runners").where("id IN \(ids)")
                    .orderBy("id").forUpdate())
            var ended = Set(runners)
            var paused: Set<RunnerID> = []
            for row in known {
                let id = RunnerID(try row["id"])
                if try !(row["draining"] as Bool) { ended.remove(id) }
                if try row["paused_reason"] as String? != nil { paused.insert(id) }
            }
            try db.runAll([
                Self.touch(try known.map { row in ID(try row["id"]) }),
                Update("actions_runners").set("status", Runner.Status.online).where("id IN \(ids)")
                    .and("status = 'offline'"),
            ])
            let stopped = ended.union(paused)
            let removed = Set(runners).subtracting(try known.map { row in ID(try row["id"]) })
            guard !executions.isEmpty else {
                return Renewal(lost: [], cancelled: [], stopped: stopped, ended: ended, removed: removed)
            }
            let live = try db.run(
                Select("l.execution_id", "l.assignment_id", "l.fencing_token", "e.cancel_requested_at")
                    .from("actions_leases AS l").join("actions_job_executions AS e", on: "e.id = l.execution_id")
                    .where("l.execution_id IN \(executions)"))
            let named = Set(claims)
            var held: Set<JobToken> = []
            var assignments: [Int64] = []
            var cancelled: [ExecutionID] = []
            for row in live {
                let token = JobToken(
                    executionID: ID(try row["execution_id"]), fencingToken: try row["fencing_token"])
                guard named.contains(token) else { continue }
                held.insert(token)
                assignments.append(try row["assignment_id"])
                if try row["cancel_requested_at"] as Timestamp? != nil { cancelled.append(token.executionID) }
            }
            // By the assignment: the next claim of the same job has another one.
            try db.run(
                Update("actions_leases").set("lease_until", .now(plus: Lease.duration))
                    .where("assignment_id IN \(assignments)"))
            return Renewal(
                lost: claims.filter { !held.contains($0) }, cancelled: cancelled, stopped: stopped, ended: ended,
                removed: removed)
        }
        for token in renewal.lost { services.masks.forget(token) }
        return renewal
    }

    /// A sign of life of each.
    static func touch(_ ids: [RunnerID]) -> Insert {
        Insert("actions_runner_heartbeats").rows(["runner_id", "last_seen"], ids.map { [$0, SQL.now] })
            .onConflict("runner_id", .doUpdate(set: ["last_seen": "excluded.last_seen" as SQL]))
    }

    /// Takes back the jobs whose lease ended: each returns to the queue under the next fencing token while it has
    /// retries left, from the second time on after a delay (``RetryDelay``), ends as cancelled when it was asked to stop, and fails otherwise. Runners without a sign of life are
    /// set offline. Any number of processes may do this at the same time. Returns the executions.
    @discardableResult
    public func reap(limit: Int = 100, by principal: Principal) async throws -> [ExecutionID] {
        try await services.access.check(.serverWork, .installation, by: principal)
        let services = services
        let ended = Select("execution_id").from("actions_leases").where("lease_until < \(.now)")
            .orderBy("execution_id").limit(limit)
        let silent = Select("r.id").from("actions_runners AS r")
            .join("actions_runner_heartbeats AS h", on: "h.runner_id = r.id")
            .where("r.status <> 'offline'").and("r.lock_path IS NULL")
            .and("h.last_seen < \(.now(plus: .zero - Lease.duration))").orderBy("r.id").limit(limit)
        // Looked for without a lock, at once: mostly there is nothing.
        let (jobs, runners, stale) = try await services.backend.read { db in
            (
                try db.run(ended).map { row in ExecutionID(try row["execution_id"]) },
                try db.run(silent).map { row in try row["id"] as Int64 },
                try db.run(Self.stale(limit: limit)).map { row in RunnerID(try row["id"]) }
            )
        }
        var reaped: [ExecutionID] = []
        // One by one: what is wrong with one job keeps no other from being taken back.
        var failure: (any Error)?
        for id in jobs {
            do {
                if try await takeBack(id, by: principal) { reaped.append(id) }
            } catch {
                failure = failure ?? error
            }
        }
        if !runners.isEmpty {
            try await services.transaction { db, _ in
                _ = try db.run(
                    Update("actions_runners").set("status", Runner.Status.offline).where("id IN \(runners)")
                        .and(
                            """
                            EXISTS (SELECT 1 FROM actions_runner_heartbeats AS h WHERE h.runner_id = actions_runners.id
                            AND h.last_seen < \(.now(plus: .zero - Lease.duration)))
                            """))
            }
        }
        if let failure { throw failure }
        for id in stale { try await unregister(id, by: .system) }
        return reaped
    }

    /// Runners that have not spoken for so long that nobody waits for them: two weeks, one of a single job a day (as on
    /// GitHub), one whose just-in-time configuration was not used in time, or by a process that ended before it spoke.
    private static func stale(limit: Int) -> Select {
        Select("r.id").from("actions_runners AS r")
            .leftJoin("actions_runner_heartbeats AS h", on: "h.runner_id = r.id")
            .leftJoin("actions_jit_configs AS c", on: "c.runner_id = r.id")
            .where("r.lock_path IS NULL")
            .and(
                """
                (h.last_seen < \(.now(plus: .seconds(-14 * 86_400)))
                OR r.ephemeral AND h.last_seen < \(.now(plus: .seconds(-86_400)))
                OR c.expires_at < \(.now) AND (c.used_at IS NULL OR h.runner_id IS NULL))
                """
            ).orderBy("r.id").limit(limit)
    }

    /// Gives up a job that is not executed any more: it returns to the queue at once, as when its lease has ended. Nothing
    /// happens when the claim is no longer the live one.
    public func giveBack(_ token: JobToken, by principal: Principal) async throws {
        try await services.access.check(.runnerWork, .job(token.executionID), by: principal)
        let isLive = try await services.transaction { db, _ in
            try db.first(
                Update("actions_leases").set("lease_until", .now(plus: .microseconds(-1)))
                    .where("execution_id = \(token.executionID)").and("fencing_token = \(token.fencingToken)")
                    .returning("execution_id")) != nil
        }
        if isLive { _ = try await takeBack(token.executionID, by: principal) }
    }

    /// False when its lease was renewed, or it ended, meanwhile.
    private func takeBack(_ id: ExecutionID, by principal: Principal) async throws -> Bool {
        let services = services
        return try await services.transaction { db, changes in
            let scheduler: RunScheduler
            do {
                scheduler = try Self.scheduler(of: id, services, changes, by: principal, on: db)
            } catch let error as ServiceError where error.code == .notFound {
                return false
            }
            let lease = Select("runner_id").from("actions_leases").where("execution_id = \(id)")
                .and("lease_until < \(.now)")
            // Held until the commit: the runner's next word is refused, or came before.
            guard try db.first(lease.forUpdate()) != nil else { return false }
            try scheduler.takeBack(try scheduler.execution(id, on: db), on: db)
            try changes.drain(on: db)
            return true
        }
    }
}

extension RunScheduler {
    /// The job's claim is lost: its runner did not speak for longer than its lease.
    fileprivate func takeBack(_ job: JobExecution, on db: isolated any StorageConnection) throws {
        guard job.status == .inProgress, job.kind == .steps else { return }
        let word = "its runner did not speak for \(Lease.duration.components.seconds) s"
        if job.cancelRequestedAt != nil {
            return try finish(
                job, .cancelled, reason: job.statusReason ?? .cancelledByUser, message: word, on: db)
        }
        guard job.lostClaims < Lease.retries else {
            return try finish(
                job, .failure, reason: .runnerLost, message: "\(word), \(job.lostClaims + 1) times", on: db)
        }
        try recordTransition(job: job, to: .queued, reason: .runnerLost, on: db)
        try endAssignment(of: job, on: db)
        try db.run(
            Update("actions_job_executions").set("status", JobStatus.queued).set("started_at", nil as Timestamp?)
                .set("lost_claims", sql: "lost_claims + 1").set("status_reason", StatusReason.runnerLost)
                .set("queued_at", .clampedNow(after: "created_at"))
                .where("id = \(job.id)").and("status = 'in_progress'"))
        let queued = try execution(job.id, on: db)
        let delay = RetryDelay.after(job.lostClaims, of: job.id)
        try db.run(delay == .zero ? QueueRows.first([queued], changes) : QueueService.delay(job.id, by: delay))
        changes.events.append(.jobQueued(queued))
    }
}
