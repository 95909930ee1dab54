import ArgumentParser
internal import BenchmarkHarness
internal import Execution
internal import Glibc

/// Where a benchmark of the database works.
struct BenchTargets: ParsableArguments {
    @Option(help: "postgres://… to measure that server alone, sqlite:FOLDER to measure files there alone.")
    var database: String?

    @Flag(help: "One JSON object a line.")
    var json = false

    @Flag(help: "One short round with little data, whatever else is asked for: to see that it works.")
    var quick = false

    /// Whether a PostgreSQL server is among the targets.
    var hasServer: Bool {
        database.map { !$0.hasPrefix("sqlite:") } ?? (Directories.variable("PLUE_TEST_POSTGRES") != nil)
    }

    /// Measures each target in a folder of its own, which is removed; `save` gets all figures, and the targets' names with
    /// their versions. Throws ``CommandError``.
    func measure(
        save: ([BenchmarkLine], [(name: String, version: String)]) throws -> Void = { _, _ in },
        _ body: (BenchmarkTarget, (BenchmarkLine) -> Void) async throws -> Void
    ) async throws {
        let folder = try makeFolder()
        var lines: [BenchmarkLine] = []
        var versions: [(name: String, version: String)] = []
        do {
            for target in try targets(folder) {
                versions.append((target.name, try await target.version()))
                try await body(target) { line in
                    lines.append(line)
                    if json { Standard.line(line.json) }
                }
            }
        } catch let error as CommandError {
            Files.remove(folder)
            throw error
        } catch {
            Files.remove(folder)
            throw CommandError(ExitStatus.engine, "the benchmark failed: \(error)")
        }
        Files.remove(folder)
        try save(lines, versions)
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
