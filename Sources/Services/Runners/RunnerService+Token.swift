public import Model
internal import QueryBuilder
internal import Storage

extension RunnerService {
    /// The live claim that a token names, held until the commit. Throws ``ServiceError`` `stale_assignment`.
    static func assignment(of token: JobToken, on db: isolated any StorageConnection) throws -> JobAssignment {
        let row = try db.first(
            Select("id", "execution_id", "fencing_token", "log_month").from("actions_job_assignments")
                .where("execution_id = \(token.executionID)").and("fencing_token = \(token.fencingToken)"))
        guard let row else {
            throw ServiceError(
                .staleAssignment, "job \(token.executionID)", "there is no claim with token \(token.fencingToken)")
        }
        let assignment = try JobAssignment(row)
        try checkLease(token, on: db)
        return assignment
    }

    /// Stores what happened in a job, in order, in one transaction. Throws ``ServiceError`` `stale_assignment`,
    /// `invalid_input` or `limit`; nothing is stored then.
    public func report(_ reports: [JobReport], with token: JobToken, by principal: Principal) async throws {
        try await services.access.check(.runnerWork, .job(token.executionID), by: principal)
        for report in reports { try report.check() }
        try await services.transaction { db, changes in
            let assignment = try Self.assignment(of: token, on: db)
            for report in reports { try Self.store(report, of: assignment, changes, by: principal, on: db) }
        }
    }
}

extension JobReport {
    /// Refuses what the tables would. Throws ``ServiceError`` `invalid_input` or `limit`.
    func check() throws {
        switch self {
        case .stepStarted(let number, let name, let contextName, _, _):
            try Self.check(step: number)
            try InputCheck.size(name, "the name of step \(number)", limit: 65_536)
            try InputCheck.size(contextName, "the id of step \(number)", limit: 65_536)
        case .stepFinished(let result, _, let count, _):
            try Self.check(step: result.number)
            try InputCheck.size(result.name, "the name of step \(result.number)", limit: 65_536)
            guard count >= 0, (result.use?.cpuMicroseconds ?? 0) >= 0, (result.use?.peakMemoryBytes ?? 0) >= 0 else {
                throw ServiceError(
                    .invalidInput, "step \(result.number)", "its count of lines, or what it used, is negative")
            }
        case .log: break
        case .annotation(let step, let annotation):
            guard step >= 0 else { throw ServiceError(.invalidInput, "step \(step)", "it is negative") }
            for text in [annotation.message, annotation.title ?? "", annotation.file ?? ""] {
                try InputCheck.size(text, "an annotation of step \(step)", limit: 1 << 20)
            }
        case .summary(let step, let content):
            try Self.check(step: step)
            try InputCheck.size(content, "the summary of step \(step)", limit: 1 << 20)
        case .variable(let step, let name, _):
            try Self.check(step: step)
            try InputCheck.size(name, "the name of a variable of step \(step)", limit: 65_536)
        }
    }

    private static func check(step number: Int64) throws {
        guard number >= 1 else { throw ServiceError(.invalidInput, "step \(number)", "steps count from 1") }
    }
}
