public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

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
        for report in reports { try report.check() }
        try await services.transaction { db, changes in
            let assignment = try Self.assignment(of: token, on: db)
            for report in reports { try Self.store(report, of: assignment, changes, on: db) }
        }
    }

    /// Ends a job as its runner saw it, releases what waited for it, and ends the run with its last job. A runner whose
    /// claim is no longer the live one changes nothing: ``ServiceError`` `stale_assignment`; `limit` for outputs over
    /// 1 MiB, two bytes a UTF-16 unit as GitHub counts.
    public func complete(
        _ token: JobToken, _ conclusion: JobConclusion, reason: StatusReason? = nil, message: String? = nil,
        outputs: [(String, String)] = [], by principal: Principal
    ) async throws {
        guard outputs.reduce(0, { $0 + $1.1.utf16.count * 2 }) <= 1 << 20 else {
            throw ServiceError(.limit, "outputs of job \(token.executionID)", "they are over 1 MiB")
        }
        let services = services
        let text = ExpressionValue.object(
            ExpressionObject(outputs.map { ($0.0, ExpressionValue.string($0.1)) })
        ).json(pretty: false)
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
            let cancelReason = conclusion == .cancelled ? execution.statusReason : nil
            // Nobody else changes a job that is claimed while its run and its lease are held.
            _ = try scheduler.end(
                execution, conclusion, reason: reason ?? cancelReason, message: message, outputs: text, isSure: true,
                on: db)
            try changes.drain(on: db)
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
            guard count >= 0 else {
                throw ServiceError(.invalidInput, "step \(result.number)", "its count of lines is negative")
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
        }
    }

    private static func check(step number: Int64) throws {
        guard number >= 1 else { throw ServiceError(.invalidInput, "step \(number)", "steps count from 1") }
    }
}
