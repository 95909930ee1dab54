import ArgumentParser
internal import BenchmarkHarness
internal import Glibc

/// `plue bench language`: exit 1 when a goal is missed.
struct BenchLanguageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "language", abstract: "Workflow files, expressions and patterns, on one core.")

    @Flag(help: "One JSON object a line.")
    var json = false

    @Flag(help: "Fewer rounds.")
    var quick = false

    mutating func run() async throws {
        let lines: [BenchmarkLine]
        do {
            lines = try await LanguageBenchmark(isQuick: quick).lines()
        } catch {
            throw CommandError(ExitStatus.engine, "the benchmark failed: \(error)")
        }
        if json { for line in lines { Standard.line(line.json) } }
        BenchCommand.finish(lines, json: json)
    }
}
