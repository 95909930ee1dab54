import ArgumentParser
internal import BenchmarkHarness
internal import Glibc

/// `plue bench masking`: exit 1 when a goal is missed.
struct BenchMaskingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "masking", abstract: "Logs through the masks of 300 secrets, on one core.")

    @Flag(help: "One JSON object a line.")
    var json = false

    @Flag(help: "Fewer rounds.")
    var quick = false

    mutating func run() async throws {
        let lines: [BenchmarkLine]
        do {
            lines = try await MaskingBenchmark(isQuick: quick).lines()
        } catch {
            throw CommandError(ExitStatus.engine, "the benchmark failed: \(error)")
        }
        if json { for line in lines { Standard.line(line.json) } }
        BenchCommand.finish(lines, json: json)
    }
}
