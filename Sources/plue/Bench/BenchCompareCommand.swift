import ArgumentParser
internal import BenchmarkHarness
internal import Glibc

/// `plue bench compare`: exit 1 when B is worse.
struct BenchCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare two results of `plue bench queue --output`.",
        discussion: """
            Figures of the same database and name, side by side. It fails when a figure of B is worse than that of A by \
            more than the tolerance, or when B lost a job, did one twice or out of order.
            """)

    @Argument(help: "A result.json, or the folder with one: what was before.") var a: String
    @Argument(help: "What is now.") var b: String
    @Option(help: "Percent of A by which a figure may differ.") var tolerance = 10.0

    /// Of a result.
    private static let limit = 256 << 20

    mutating func run() async throws {
        guard (0...1_000).contains(tolerance) else {
            throw CommandError(ExitStatus.usage, "--tolerance: 0 to 1000 percent")
        }
        let comparison: BenchmarkComparison
        let (first, second) = (try Self.read(a), try Self.read(b))
        do {
            comparison = try BenchmarkComparison(first, second, tolerance: tolerance / 100)
        } catch {
            throw CommandError(ExitStatus.usage, "\(error)")
        }
        Standard.output(Table(BenchmarkComparison.heading, limit: nil).text(comparison.rows.map(\.cells)))
        if comparison.faults > 0 {
            Standard.line("B lost jobs, did them twice or out of order: \(Int(comparison.faults))")
        }
        if comparison.isWorse { Glibc.exit(ExitStatus.failed) }
    }

    private static func read(_ path: String) throws -> (name: String, json: String) {
        var info = stat()
        let isFolder = stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
        let file = isFolder ? "\(path)/\(BenchmarkReport.resultFile)" : path
        guard let bytes = try InputFile.bytes(file, limit: limit) else {
            throw CommandError(ExitStatus.usage, "\(file): there is no such file, or it cannot be read")
        }
        return (file, String(decoding: bytes, as: UTF8.self))
    }
}
