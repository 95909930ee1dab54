import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue view`: one run with its jobs and steps.
struct ViewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view", abstract: "Show a run with its jobs (default: the newest).")

    @OptionGroup var history: HistoryOptions
    @Argument(help: "The run's id.") var id: Int64?
    @Option(help: "Only this job.") var job: String?
    @Option(help: "An earlier attempt.") var attempt: Int64?
    @Flag(help: "With the whole log.") var log = false
    @Flag(help: "With the logs of failed steps.") var logFailed = false
    @Flag(help: "A JSON object.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(history.database, absent: .empty)
        var summary = try await history.run(id, services)
        if let attempt { summary.run = try await Self.run(summary.run, asOf: attempt, services) }
        var jobs = try await services.history.jobs(of: summary.run.id, attempt: attempt)
        if let job {
            jobs = jobs.filter { $0.matches(job) }
            if jobs.isEmpty { throw CommandError(ExitStatus.usage, "run \(summary.run.id) has no job \(job)") }
        }
        if json { return try await printJSON(summary, jobs, services) }
        if log || logFailed { return try await printLogs(jobs, services) }
        let style = Style.standardOutput
        let text = RunSummaryText(style: style)
        Standard.line(text.header(summary.run))
        for diagnostic in summary.run.diagnostics.map(DiagnosticsJSON.read) ?? [] { Standard.line(diagnostic.line) }
        let width = min(32, jobs.map(\.name.count).max() ?? 0)
        for job in jobs where job.kind == .steps || job.conclusion == .skipped {
            let block = JobBlock(
                job: job, failedSteps: try await failedSteps(of: job, services),
                annotations: try await services.history.annotations(of: job.id))
            for line in block.lines(style, nameWidth: width) { Standard.line(line) }
            guard self.job != nil else { continue }
            for step in try await services.history.steps(of: job.id) {
                Standard.line("    \(style.mark(step.conclusion?.rawValue)) \(step.number) \(step.name)")
            }
        }
        for review in try await services.environments.reviews(of: summary.run.id, by: Caller.principal) {
            Standard.line(Self.line(review, jobs))
        }
        for line in text.footer(summary.run, jobs) { Standard.line(line) }
    }

    private static func line(_ review: GateReview, _ jobs: [JobExecution]) -> String {
        let job = review.executionID.flatMap { id in jobs.first { $0.id == id }?.name }
        let what = review.environment.map { "\(job.map { "\($0) for " } ?? "")\($0)" } ?? "the run"
        let comment = review.comment.isEmpty ? "" : ": \(review.comment)"
        let time = review.createdAt.iso8601.prefix(19)
        return "  " + "\(what) was \(review.verdict.rawValue) by \(review.reviewer), \(time)Z\(comment)".oneLine
    }

    /// The run as that attempt left it.
    private static func run(_ run: WorkflowRun, asOf number: Int64, _ services: Services) async throws -> WorkflowRun {
        let attempts = try await services.history.attempts(of: run.id, by: Caller.principal)
        guard let attempt = attempts.first(where: { $0.number == number }) else {
            throw CommandError(ExitStatus.usage, "run \(run.id) has no attempt \(number): it has \(attempts.count)")
        }
        var run = run
        run.latestAttempt = attempt.number
        run.triggeringActor = attempt.triggeringActor
        run.status = attempt.status
        run.conclusion = attempt.conclusion
        run.startedAt = attempt.startedAt
        run.completedAt = attempt.completedAt
        return run
    }

    private func failedSteps(of job: JobExecution, _ services: Services) async throws -> [JobBlock.FailedStep] {
        guard job.conclusion == .failure else { return [] }
        let failed = try await services.history.steps(of: job.id).filter { $0.conclusion == .failure }
        guard !failed.isEmpty else { return [] }
        var blocks: [JobBlock.FailedStep] = []
        for step in failed {
            let tail = try await LogReader(services: services).tail(
                job.id, of: step, count: Int64(JobBlock.tailLength))
            let took = (step.completedAt?.microseconds ?? 0) - (step.startedAt?.microseconds ?? 0)
            blocks.append(
                JobBlock.FailedStep(
                    name: step.name, exitCode: step.exitCode, milliseconds: took / 1_000, tail: tail.map(\.text),
                    hiddenLines: max(0, step.logLineCount - Int64(tail.count))))
        }
        return blocks
    }

    private func printLogs(_ jobs: [JobExecution], _ services: Services) async throws {
        for job in jobs where job.kind == .steps {
            let steps = try await services.history.steps(of: job.id)
            let failed = Set(steps.filter { $0.conclusion == .failure }.map(\.number))
            let names = Dictionary(steps.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
            try await LogReader(services: services).each(job.id) { line in
                if !logFailed || failed.contains(line.step) {
                    Standard.line("\(job.name)\t\(names[line.step] ?? "")\t\(Standard.shown(line.text))")
                }
            }
        }
    }

    private func printJSON(
        _ summary: HistoryService.RunSummary, _ jobs: [JobExecution], _ services: Services
    ) async throws {
        var records: [ExpressionValue] = []
        for job in jobs {
            records.append(.object(RunRecord.make(job, steps: try await services.history.steps(of: job.id))))
        }
        let run = RunRecord.make(summary).pairs.map { ($0.key, $0.value) }
        let reviews = try await services.environments.reviews(of: summary.run.id, by: Caller.principal).map { review in
            ExpressionValue.object(
                ExpressionObject([
                    ("job", review.executionID.map { .number(Double($0.rawValue)) } ?? .null),
                    ("environment", review.environment.map { .string($0) } ?? .null),
                    ("reviewer", .string(review.reviewer)), ("verdict", .string(review.verdict.rawValue)),
                    ("comment", .string(review.comment)), ("at", .string(review.createdAt.iso8601)),
                ]))
        }
        let whole = ExpressionObject(
            run + [
                ("jobs", .array(ExpressionArray(records))), ("reviews", .array(ExpressionArray(reviews))),
            ])
        Standard.line(ExpressionValue.object(whole).json(pretty: true))
    }
}

extension JobExecution {
    /// By key, by path of keys or by name.
    func matches(_ text: String) -> Bool {
        [jobKey, keyPath, name].contains { $0.lowercased() == text.lowercased() }
    }
}
