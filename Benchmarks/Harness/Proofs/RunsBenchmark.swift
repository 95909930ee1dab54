/// `plue bench queue --part runs`: runs of ten jobs a second from their creation to their end, while creators and runners
/// work at the same time.
package struct RunsBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let options: LoadOptions

    /// - Parameter seconds: in which runs are created.
    package init(_ target: BenchmarkTarget, seconds: Int, runners: Int, synchronousCommit: Bool = true) {
        self.target = target
        var options = LoadOptions()
        options.seconds = seconds
        options.runners = runners
        options.repositories = 1
        options.shape = .ten
        options.synchronousCommit = synchronousCommit
        self.options = options
    }

    package func run(_ tell: (BenchmarkLine) -> Void) async throws {
        let result = try await LoadTest(target, options).run()
        let rate = Double(result.concluded) / result.elapsed
        tell(
            BenchmarkLine(
                queue: target.name, "runs of ten jobs created, queued, claimed, completed, concluded", "runs/s", rate))
        tell(BenchmarkLine(queue: target.name, "their jobs", "jobs/s", Double(result.jobs) / result.elapsed))
        for line in BenchmarkLine.faults(result.faults, target.name, "runs") { tell(line) }
    }
}
