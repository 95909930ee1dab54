public import Model
internal import QueryBuilder
internal import Storage

extension QueueService {
    /// Why the job is where it is. Throws ``ServiceError`` `not_found`.
    public func explain(_ execution: ExecutionID, by principal: Principal) async throws -> JobExplanation {
        try await services.access.check(.runRead, .job(execution), by: principal)
        return try await services.backend.read { db in
            guard let row = try db.first(RunScheduler.executions().where("e.id = \(execution)")) else {
                throw ServiceError(.notFound, "job \(execution)", "there is no such job execution")
            }
            let job = try JobExecution(row)
            if let conclusion = job.conclusion {
                return JobExplanation(
                    job: job, asOf: job.completedAt ?? job.createdAt, reason: .ended(conclusion), labels: [],
                    candidates: [])
            }
            let open = try RunExplanation(of: job.runID, on: db).jobs(on: db)
            guard let found = open.first(where: { $0.job.id == execution }) else {
                throw ServiceError(.conflict, "job \(execution)", "it is open in an attempt that was repeated")
            }
            return found
        }
    }

    /// The same for every open job of the run's latest attempt, in the order in which they were made; none when it has
    /// ended. Throws ``ServiceError`` `not_found`.
    public func explain(run: RunID, by principal: Principal) async throws -> [JobExplanation] {
        try await services.access.check(.runRead, .run(run), by: principal)
        return try await services.backend.read { db in
            try RunExplanation(of: run, on: db).jobs(on: db)
        }
    }
}
