import ArgumentParser

/// `plue bench`: how fast it is on this machine.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure plue on this machine, beside the limits of what it is built on.",
        subcommands: [BenchStorageCommand.self])
}
