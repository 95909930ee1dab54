public import Model
internal import QueryBuilder
internal import Storage

/// How long a job may wait for a runner, and a run may take: GitHub's limits.
public enum RunDeadlines {
    public static let queue = Duration.seconds(24 * 3_600)
    public static let run = Duration.seconds(35 * 86_400)
    /// For a reviewer to answer.
    public static let approval = Duration.seconds(30 * 86_400)
}

extension RunService {
    /// Ends jobs that no runner took, or no reviewer let in, in time, as failed; runs that took longer than any may, or that
    /// nobody approved, as cancelled. A few at a time; any number of processes may do this at the same time. Returns how many of all.
    @discardableResult
    public func endOverdue(limit: Int = 100, by principal: Principal) async throws -> Int {
        try await services.access.check(.serverWork, .installation, by: principal)
        let waiting = Select("q.execution_id").from("actions_job_queue AS q")
            .where("q.queued_at < \(.now(plus: .zero - RunDeadlines.queue))")
            .and(QueueRows.isForAnyRunner).orderBy("q.execution_id").limit(limit)
        let running = Select("l.run_id").from("actions_live_runs AS l")
            .join("actions_run_attempts AS a", on: "a.id = l.attempt_id")
            .join("actions_workflow_runs AS r", on: "r.id = l.run_id").where("r.cancel_requested_at IS NULL")
            .and("a.created_at < \(.now(plus: .zero - RunDeadlines.run))").orderBy("l.run_id").limit(limit)
        let waitingRuns = Select("r.id AS run_id").from("actions_workflow_runs AS r").where("r.hold = 'waiting'")
            .and("r.created_at < \(.now(plus: .zero - RunDeadlines.approval))").orderBy("r.id").limit(limit)
        let (jobs, runs, unapproved) = try await services.backend.read { db in
            (
                try db.run(waiting).map { row in ExecutionID(try row["execution_id"]) },
                try db.run(running).map { row in RunID(try row["run_id"]) },
                try db.run(waitingRuns).map { row in RunID(try row["run_id"]) }
            )
        }
        var count = try await services.environments.failOverdue(limit: limit, by: principal)
        for job in jobs where try await endWaiting(job, by: principal) { count += 1 }
        for (run, reason) in runs.map({ ($0, StatusReason.runTimeout) }) + unapproved.map({ ($0, .approvalTimeout) }) {
            do {
                _ = try await end(run, reason: reason, by: principal)
                count += 1
            } catch let error as ServiceError where error.code == .illegalTransition || error.code == .notFound {
                // It has ended meanwhile.
                continue
            }
        }
        return count
    }

    /// False when a runner took it, or it ended, meanwhile.
    private func endWaiting(_ id: ExecutionID, by principal: Principal) async throws -> Bool {
        let services = services
        return try await services.transaction { db, changes in
            let scheduler: RunScheduler
            do {
                scheduler = try RunnerService.scheduler(of: id, services, changes, by: principal, on: db)
            } catch let error as ServiceError where error.code == .notFound {
                return false
            }
            let job = try scheduler.execution(id, on: db)
            guard job.status == .queued else { return false }
            let hours = RunDeadlines.queue.components.seconds / 3_600
            let ended = try scheduler.end(
                job, .failure, reason: .queueTimeout, message: "no runner took it for \(hours) hours", on: db)
            try changes.drain(on: db)
            return ended
        }
    }
}
