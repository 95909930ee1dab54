import ArgumentParser
internal import BenchmarkHarness
internal import Execution
internal import Glibc
internal import Storage

/// `plue bench storage`: exit 1 when a goal is missed.
struct BenchStorageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "The drivers against C loops, the making of runs, reads beside a million rows.",
        discussion: """
            SQLite is measured in a temporary folder, PostgreSQL in schemas of its own that are removed afterwards: on
            the server of --database, else on that of PLUE_TEST_POSTGRES if it is set. Ratios compare things measured in
            turns; the times themselves depend on the machine.
            """)

    @Option(help: "postgres://… to measure that server alone, sqlite:FOLDER to measure files there alone.")
    var database: String?

    @Option(help: "driver, runs or reads: that part alone; may be repeated.")
    var part: [StorageBenchmark.Part] = []

    @Flag(help: "One JSON object a line.")
    var json = false

    @Flag(help: "Up to 100,000 rows, and fewer rounds.")
    var quick = false

    mutating func run() async throws {
        let folder = try makeFolder()
        var lines: [BenchmarkLine] = []
        do {
            for target in try targets(folder) {
                let parts = part.isEmpty ? StorageBenchmark.Part.allCases : part
                try await StorageBenchmark(target, isQuick: quick).run(parts) { line in
                    lines.append(line)
                    if json { Standard.line(line.json) }
                }
            }
        } catch {
            Files.remove(folder)
            throw CommandError(ExitStatus.engine, "the benchmark failed: \(error)")
        }
        Files.remove(folder)
        BenchCommand.finish(lines, json: json)
    }

    private func targets(_ folder: String) throws -> [BenchmarkTarget] {
        if let database {
            if database.hasPrefix("postgres://") || database.hasPrefix("postgresql://") { return [.postgres(database)] }
            guard database.hasPrefix("sqlite:") else {
                throw CommandError(
                    ExitStatus.usage, "\(database): expected postgres://USER@HOST/DATABASE or sqlite:FOLDER")
            }
            return [.sqlite(folder: folder)]
        }
        let server = Directories.variable("PLUE_TEST_POSTGRES")
        return [.sqlite(folder: folder)] + (server.map { [.postgres($0)] } ?? [])
    }

    /// A new folder in that of --database, or in the one for temporary files.
    private func makeFolder() throws -> String {
        var parent = Directories.variable("TMPDIR") ?? "/tmp"
        if let database, database.hasPrefix("sqlite:") { parent = String(database.dropFirst("sqlite:".count)) }
        let folder = "\(parent)/plue-bench-\(getpid())"
        try Files.makeDirectory(folder)
        return folder
    }
}

extension StorageBenchmark.Part: ExpressibleByArgument {}
