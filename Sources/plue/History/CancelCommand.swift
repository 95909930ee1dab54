import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue cancel`: asks a run to end.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel a run; steps with always() still run.")

    @OptionGroup var history: HistoryOptions
    @Flag(help: "At once: nothing is waited for, and no step with always() runs.") var force = false
    @Argument(help: "The run's id.") var id: Int64

    mutating func run() async throws {
        let services = try await Database.open(history.database, absent: .empty)
        let summary = try await history.run(id, services)
        guard !summary.run.status.isTerminal else {
            throw CommandError(ExitStatus.usage, "run \(id) has ended already: \(RunSummaryText.word(summary.run))")
        }
        let run = try await services.runs.cancel(RunID(id), atOnce: force, by: Caller.principal)
        Standard.errorLine(
            run.status.isTerminal
                ? "run \(id) is cancelled"
                : "run \(id) is told to stop; `\(Hint.command("cancel --force \(id)"))` waits for nothing")
    }
}
