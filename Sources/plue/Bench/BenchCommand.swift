import ArgumentParser
internal import BenchmarkHarness
internal import Glibc

/// `plue bench`: how fast it is on this machine.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure plue on this machine, beside the limits of what it is built on.",
        subcommands: [
            BenchAuditCommand.self, BenchCompareCommand.self, BenchLanguageCommand.self, BenchMaskingCommand.self,
            BenchQueueCommand.self, BenchSimulateCommand.self, BenchStorageCommand.self,
        ])

    /// Prints all figures as a table, unless they were told as JSON; exit 1 when a goal is missed.
    static func finish(_ lines: [BenchmarkLine], json: Bool) {
        if !json { Standard.output(Table(BenchmarkLine.heading).text(lines.map(\.cells))) }
        if lines.contains(where: { $0.isMet == false }) { Glibc.exit(1) }
    }
}
