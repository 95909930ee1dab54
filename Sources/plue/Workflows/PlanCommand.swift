import ArgumentParser
internal import Glibc
internal import Services
internal import WorkflowSyntax

/// `plue plan`: what an event would run, and what not, and why.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what would run, what would be skipped and why.")

    @OptionGroup var options: RunOptions
    @OptionGroup var schedule: ScheduleOptions

    mutating func run() async throws {
        let code = try await Self.show(options, after: schedule.instant())
        if code != 0 { Glibc.exit(code) }
    }

    /// `after`: from when on occurrences of schedules are shown, in seconds since the epoch; nil: now.
    static func show(_ options: RunOptions, after: Int64? = nil) async throws -> Int32 {
        if options.junit != nil {
            throw CommandError(ExitStatus.usage, "--junit writes the result of a run: a plan has none")
        }
        let plan = try await RunPlan.make(options)
        if !plan.diagnostics.isEmpty {
            for diagnostic in plan.diagnostics { Standard.errorLine(diagnostic.line) }
            return ExitStatus.invalidWorkflow
        }
        let text = PlanText(plan, after: after ?? ScheduleOptions.now)
        if options.display.json {
            Standard.line(text.json)
        } else {
            Standard.output(text.lines)
        }
        return plan.entries.isEmpty ? ExitStatus.nothingMatched : ExitStatus.passed
    }
}
