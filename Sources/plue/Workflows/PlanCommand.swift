import ArgumentParser
internal import Glibc
internal import Services
internal import WorkflowSyntax

/// `plue plan`: what an event would run, and what not, and why.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what would run, what would be skipped and why.")

    @OptionGroup var options: RunOptions

    mutating func run() async throws {
        let code = try await Self.show(options)
        if code != 0 { Glibc.exit(code) }
    }

    static func show(_ options: RunOptions) async throws -> Int32 {
        let plan = try await RunPlan.make(options)
        if !plan.diagnostics.isEmpty {
            for diagnostic in plan.diagnostics { Standard.errorLine(diagnostic.line) }
            return ExitStatus.invalidWorkflow
        }
        let text = PlanText(plan)
        if options.display.json {
            Standard.line(text.json)
        } else {
            Standard.output(text.lines)
        }
        return plan.entries.isEmpty ? ExitStatus.nothingMatched : ExitStatus.passed
    }
}
