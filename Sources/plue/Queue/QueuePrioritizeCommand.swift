import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue queue prioritize`
struct QueuePrioritizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prioritize", abstract: "Give a run's jobs that wait, and those that come, another priority.")

    @OptionGroup var history: HistoryOptions
    @Argument(help: "The run's id.") var id: Int64
    @Option(
        parsing: .unconditional,
        help: "-100 to 100: jobs of a higher one go first. Runs have 0 if nothing else is said.")
    var priority: Int64

    mutating func run() async throws {
        let services = try await Database.open(history.database, absent: .empty)
        _ = try await history.run(id, services)
        try await services.queue.prioritize(RunID(id), priority, by: Caller.principal)
        await services.backend.close()
    }
}
