internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Makes the messages of jobs that were claimed, after the claim: what they hold does not change any more.
struct ClaimMessages {
    let services: Services
    let principal: Principal

    /// In order; what cannot be made is refused. Throws ``StorageError`` only.
    func make(
        of claimed: [JobClaim.Claimed]
    ) async throws -> (messages: [JobMessage], refused: [JobClaim.Refused]) {
        if claimed.isEmpty { return ([], []) }
        let (messages, refused, fresh) = try await services.backend.read { db in
            let changes = Changes()
            defer { changes.forgetSchedulers() }
            let (messages, refused) = try make(of: claimed, changes, on: db)
            return (messages, refused, changes.fresh)
        }
        services.cache.adopt(fresh)
        return (messages, refused)
    }

    func make(
        of claimed: [JobClaim.Claimed], _ changes: Changes, on db: isolated any StorageConnection
    ) throws -> (messages: [JobMessage], refused: [JobClaim.Refused]) {
        var schedulers: [Int64: RunScheduler] = [:]
        var messages: [JobMessage] = []
        var refused: [JobClaim.Refused] = []
        for job in claimed {
            let attempt = job.execution.attemptID
            do {
                let scheduler: RunScheduler
                if let known = schedulers[attempt] {
                    scheduler = known
                } else {
                    let facts = try facts(of: job, changes, on: db)
                    scheduler = RunScheduler(facts, services: services, by: principal, changes: changes)
                    scheduler.run.status = .inProgress
                    scheduler.run.hold = nil
                    schedulers[attempt] = scheduler
                }
                messages.append(try scheduler.message(for: job.execution, job.assignment, on: db))
            } catch let error as StorageError {
                throw error
            } catch {
                refused.append(JobClaim.Refused(token: job.assignment.token, message: "\(error)"))
            }
        }
        return (messages, refused)
    }

    /// Of the attempt that the job belongs to: kept while its repository stays as it is.
    private func facts(
        of job: JobClaim.Claimed, _ changes: Changes, on db: isolated any StorageConnection
    ) throws -> RunFacts {
        let attempt = job.execution.attemptID
        if let known = services.cache.facts(attempt), known.repositoryTime == job.repositoryTime { return known }
        let rows = try db.run(RunScheduler.load(job.execution.runID))
        let made = try RunFacts(job.execution.runID, rows[0], rows[1])
        if made.attemptID == attempt { changes.fresh.facts[attempt] = made }
        return made
    }
}
