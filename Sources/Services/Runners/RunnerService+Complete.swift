public import Model
internal import QueryBuilder
internal import Storage

extension RunnerService {
    /// Ends a job as its runner saw it, releases what waited for it, and ends the run with its last job. A runner whose
    /// claim is no longer the live one changes nothing: ``ServiceError`` `stale_assignment`; `limit` for outputs over
    /// 1 MiB, two bytes a UTF-16 unit as GitHub counts.
    public func complete(
        _ token: JobToken, _ conclusion: JobConclusion, reason: StatusReason? = nil, message: String? = nil,
        outputs: [(String, String)] = [], by principal: Principal
    ) async throws {
        try await complete(
            Completion(token, conclusion, reason: reason, message: message, outputs: outputs), by: principal)
    }

    /// The same with what is left to report, in the same transaction where it is simple. Jobs that end at the same time
    /// share one.
    public func complete(_ completion: Completion, by principal: Principal) async throws {
        try await services.access.check(.runnerWork, .job(completion.token.executionID), by: principal)
        _ = try await end(completion, next: nil, by: principal)
    }

    /// The same, and the runner takes the next job in its place: in one transaction with those of other runners, where all
    /// of it is simple. Nothing is returned where it is not, or where nothing is at hand: ``QueueService/claim(_:limit:by:)``
    /// says what waits.
    public func complete(
        _ completion: Completion, thenClaimFor runner: RunnerID, by principal: Principal
    ) async throws -> [JobMessage] {
        try await services.access.check(.runnerWork, .job(completion.token.executionID), by: principal)
        var reach: RunnerReach?
        do {
            reach = try await services.queue.reach(of: runner)
        } catch let error as ServiceError where error.code == .notFound {
            // It was taken away meanwhile; what it did counts.
        }
        let claimed = try await end(completion, next: reach.map { (runner, $0) }, by: principal)
        return try await services.queue.messages(of: claimed, by: principal)
    }

    private func end(
        _ completion: Completion, next: (runner: RunnerID, reach: RunnerReach)?, by principal: Principal
    ) async throws -> [JobClaim.Claimed] {
        do {
            let completion = services.masks.mask(completion).withoutNUL
            let claimed = try await services.completions.complete(completion, next: next, by: principal, services)
            services.masks.forget(completion.token)
            return claimed
        } catch let error as ServiceError where error.code == .staleAssignment {
            services.masks.forget(completion.token)
            throw error
        }
    }

    /// One job by itself, whatever follows of its end.
    func completeAlone(_ completion: Completion, by principal: Principal) async throws {
        let services = services
        let token = completion.token
        if let (claim, reports) = completion.reports { try await report(reports, of: claim, by: principal) }
        try await services.transaction { db, changes in
            let scheduler: RunScheduler
            let rows: [Rows]
            do {
                (scheduler, rows) = try changes.scheduler(
                    of: token.executionID,
                    reading: [
                        Self.lease(of: token.executionID),
                        RunScheduler.executions().where("e.id = \(token.executionID)"),
                    ], services: services, by: principal, on: db)
            } catch let error as ServiceError where error.code == .notFound {
                throw ServiceError(.staleAssignment, error.subject, error.message)
            }
            try Self.checkLease(token, rows[0].first)
            guard let row = rows[1].first else { throw Self.stale(token) }
            let execution = try JobExecution(row)
            let cancelReason = completion.conclusion == .cancelled ? execution.statusReason : nil
            // Nobody else changes a job that is claimed while its run and its lease are held.
            _ = try scheduler.end(
                execution, completion.conclusion, reason: completion.reason ?? cancelReason,
                message: completion.message, outputs: completion.outputs, isSure: true, on: db)
            try changes.drain(on: db)
        }
    }
}
