public import Model
internal import Services
public import Storage

extension Actions {
    /// A step began; a second time changes nothing. `number` counts from 1, `at` is by the runner's clock. Throws
    /// `stale_assignment`.
    public func startStep(
        _ token: JobToken, number: Int64, name: String, at time: Timestamp, by principal: Principal
    ) async throws {
        try await report(
            .stepStarted(
                number: number, name: name, contextName: "__\(number)", action: nil, at: time.microseconds), token,
            principal)
    }

    /// A step ended; a second time changes nothing. `outcome` is that before `continue-on-error`, nil: the conclusion.
    /// Where its lines begin in the log (1-based) and how many there are lets ``readLog(_:step:after:by:)`` find them
    /// without a search. Throws `stale_assignment`, or `illegal_transition` for a step that never began.
    public func finishStep(
        _ token: JobToken, number: Int64, name: String, _ conclusion: StepConclusion,
        outcome: StepConclusion? = nil, exitCode: Int64? = nil, logFirstLine: Int64? = nil, logLineCount: Int64 = 0,
        at time: Timestamp, by principal: Principal
    ) async throws {
        let result = StepResult(
            number: number, name: name, outcome: outcome ?? conclusion, conclusion: conclusion, exitCode: exitCode,
            milliseconds: 0)
        try await report(
            .stepFinished(
                result, logFirstLine: logFirstLine, logLineCount: logLineCount, at: time.microseconds), token,
            principal)
    }

    /// The steps of an execution's newest claim. Throws `not_found`.
    public func getSteps(_ id: JobExecutionID, by principal: Principal) async throws -> [StepRecord] {
        try await Self.mapped(by: principal) {
            _ = try await services.history.job(id, by: principal)
            return try await services.history.steps(of: id)
        }
    }

    /// Adds a message about a place of the code. Throws `stale_assignment`, `limit`.
    public func addAnnotation(
        _ token: JobToken, step: Int64, _ annotation: JobAnnotation, by principal: Principal
    ) async throws {
        try await report(.annotation(step: step, annotation), token, principal)
    }

    /// The annotations of an execution's newest claim.
    public func getAnnotations(_ id: JobExecutionID, by principal: Principal) async throws -> [JobAnnotation] {
        try await mapped(.runRead, .job(id), by: principal) { try await services.history.annotations(of: id) }
    }

    /// Stores the Markdown summary of a step, at most 1 MiB; a later one takes its place. Throws `stale_assignment`,
    /// `limit`.
    public func setSummary(
        _ token: JobToken, step: Int64, _ content: String, by principal: Principal
    ) async throws {
        try await report(.summary(step: step, content: content), token, principal)
    }

    /// The summaries of an execution's newest claim, by step.
    public func getSummaries(
        _ id: JobExecutionID, by principal: Principal
    ) async throws -> [(step: Int64, content: String)] {
        try await mapped(.runRead, .job(id), by: principal) { try await services.history.summaries(of: id) }
    }

    func report(_ report: JobReport, _ token: JobToken, _ principal: Principal) async throws {
        try await Self.mapped(by: principal) { try await services.runners.report([report], with: token, by: principal) }
    }
}
