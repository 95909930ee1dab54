import ArgumentParser
internal import BenchmarkHarness
internal import Execution
internal import Glibc
internal import Storage

/// Where the results of a benchmark go as files.
struct BenchOutput: ParsableArguments {
    @Option(name: .customLong("output"), help: "A folder for the results as JSON, CSV, percentiles and HTML.")
    var folder: String?
    @Option(help: "What the program was built of, for the results.") var commit: String?

    /// Before anything is measured. Throws ``CommandError`` when there are results already, or no folder can be made.
    func check() throws {
        guard let folder else { return }
        let result = "\(folder)/\(BenchmarkReport.resultFile)"
        if access(result, F_OK) == 0 { throw OutputFile.exists(result) }
        do {
            try Files.makeDirectory(folder)
        } catch {
            throw CommandError(ExitStatus.usage, "\(folder): \(error)")
        }
    }

    /// Throws ``CommandError``.
    func write(
        part: String, options: [(name: String, value: String)], _ lines: [BenchmarkLine], _ loads: [LoadResult],
        _ databases: [(name: String, version: String)]
    ) throws {
        guard let folder else { return }
        let about = BenchmarkAbout(
            part: part, version: Version.number, commit: commit, date: WallClock.now.iso8601, databases: databases,
            options: options)
        for (name, text) in BenchmarkReport(about, figures: lines, loads: loads).files {
            do {
                try Files.write(text, to: "\(folder)/\(name)")
            } catch {
                throw CommandError(ExitStatus.engine, "\(folder)/\(name): \(error)")
            }
        }
        Standard.errorLine("results in \(folder)")
    }
}
