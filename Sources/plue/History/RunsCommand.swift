import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue runs`: the history.
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "runs", abstract: "List runs, the newest first.")

    @OptionGroup var history: HistoryOptions
    @Option(name: [.customShort("L"), .long], help: "How many.") var limit = 20
    @Option(name: [.customShort("W"), .customLong("workflow")], help: "Runs of this workflow file.") var workflow:
        String?
    @Option(help: "Runs of this event.") var event: String?
    @Option(help: "Runs of this branch.") var branch: String?
    @Option(help: "Runs with this status or conclusion.") var status: String?
    @Option(help: "Runs before this one: the next page.") var before: Int64?
    @Flag(name: [.short, .long], help: "Runs of all repositories.") var all = false
    @Flag(help: "A JSON array.") var json = false

    mutating func run() async throws {
        guard (1...1_000).contains(limit) else { throw CommandError(ExitStatus.usage, "--limit must be 1 to 1000") }
        let services = try await Database.open(history.database, absent: .empty)
        var filter = HistoryService.Filter()
        if !all {
            guard let repository = try await history.repository(services) else {
                return json
                    ? Standard.line("[]") : Standard.errorLine("there is no run yet in this repository; -a lists all")
            }
            filter.repository = repository.id
        }
        filter.filename = workflow
        filter.event = event
        filter.branch = branch
        filter.status = status
        filter.before = before.map { RunID($0) }
        let runs = try await services.history.page(filter, limit: limit, by: Caller.principal).items
        if json {
            let records = runs.map { ExpressionValue.object(RunRecord.make($0)) }
            return Standard.line(ExpressionValue.array(ExpressionArray(records)).json(pretty: true))
        }
        let style = Style.standardOutput
        let table = Table(["", "ID", "WORKFLOW", "EVENT", "BRANCH", "COMMIT", "RESULT", "TOOK", "STARTED"])
        Standard.output(table.text(runs.map { row($0, style) }))
        guard runs.isEmpty else { return }
        let isNarrowed = [workflow, event, branch, status].contains { $0 != nil } || before != nil
        Standard.errorLine(isNarrowed ? "no runs match" : "there is no run yet; `\(Hint.command("run"))` makes one")
    }

    private func row(_ summary: HistoryService.RunSummary, _ style: Style) -> [String] {
        let run = summary.run
        let took =
            run.completedAt.map { Elapsed.text(microseconds: $0.microseconds - run.createdAt.microseconds) } ?? ""
        let title = run.name.oneLine
        let name = all ? "\(summary.repository.fullName) \(title)" : title
        return [
            style.mark(run.conclusion?.rawValue), "\(run.id)", name, run.event, run.headBranch ?? run.headRef,
            String(run.headSHA.prefix(7)) + (run.isDirty ? "+" : ""),
            run.statusReason == .runnerLost ? "runner lost" : RunSummaryText.word(run), took,
            String(run.createdAt.iso8601.prefix(19)) + "Z",
        ]
    }
}

/// A run as JSON, with GitHub's names.
enum RunRecord {
    static func make(_ summary: HistoryService.RunSummary) -> ExpressionObject {
        let run = summary.run
        func text(_ value: String?) -> ExpressionValue { value.map { .string($0) } ?? .null }
        return ExpressionObject([
            ("id", .number(Double(run.id.rawValue))), ("name", .string(run.name)), ("path", .string(summary.filename)),
            ("display_title", .string(run.displayTitle)), ("run_number", .number(Double(run.runNumber))),
            ("run_attempt", .number(Double(run.latestAttempt))), ("event", .string(run.event)),
            ("repository", .string(summary.repository.fullName)), ("head_branch", text(run.headBranch)),
            ("head_sha", .string(run.headSHA)), ("dirty", .boolean(run.isDirty)), ("actor", .string(run.actor)),
            ("status", .string(run.status.rawValue)), ("conclusion", text(run.conclusion?.rawValue)),
            ("status_reason", text(run.statusReason?.rawValue)),
            ("diagnostics", run.diagnostics.flatMap { try? ExpressionValue(json: $0) } ?? .null),
            ("created_at", .string(run.createdAt.iso8601)),
            ("started_at", text(run.startedAt?.iso8601)), ("completed_at", text(run.completedAt?.iso8601)),
        ])
    }

    static func make(_ job: JobExecution, steps: [JobStepRecord]) -> ExpressionObject {
        func text(_ value: String?) -> ExpressionValue { value.map { .string($0) } ?? .null }
        let steps = steps.map { step in
            ExpressionValue.object(
                ExpressionObject([
                    ("number", .number(Double(step.number))), ("name", .string(step.name)),
                    ("status", .string(step.status.rawValue)), ("outcome", text(step.outcome?.rawValue)),
                    ("conclusion", text(step.conclusion?.rawValue)),
                    ("exit_code", step.exitCode.map { .number(Double($0)) } ?? .null),
                    ("cpu_ms", step.use.map { .number(Double($0.cpuMicroseconds) / 1_000) } ?? .null),
                    ("peak_memory_bytes", step.use?.peakMemoryBytes.map { .number(Double($0)) } ?? .null),
                    ("started_at", text(step.startedAt?.iso8601)), ("completed_at", text(step.completedAt?.iso8601)),
                ]))
        }
        return ExpressionObject([
            ("id", .number(Double(job.id.rawValue))), ("job", .string(job.keyPath)), ("name", .string(job.name)),
            ("status", .string(job.status.rawValue)), ("hold", text(job.hold?.rawValue)),
            ("conclusion", text(job.conclusion?.rawValue)), ("status_reason", text(job.statusReason?.rawValue)),
            ("message", text(job.statusMessage)),
            ("matrix", (try? job.matrix.map { try ExpressionValue(json: $0) } ?? .null) ?? .null),
            ("outputs", (try? ExpressionValue(json: job.outputs)) ?? .null),
            ("started_at", text(job.startedAt?.iso8601)), ("completed_at", text(job.completedAt?.iso8601)),
            ("steps", .array(ExpressionArray(steps))),
        ])
    }
}
