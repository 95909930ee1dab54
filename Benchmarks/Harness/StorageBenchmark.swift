/// `plue bench storage`: the drivers, the making of runs, and reads beside much data.
package struct StorageBenchmark: Sendable {
    package enum Part: String, Sendable, CaseIterable {
        /// One statement against a C loop's. Client and server take turns: pin both to one CPU (`taskset -c 1`), or the
        /// time to wake the other CPU is all that is seen.
        case driver
        /// The making of runs.
        case runs
        /// Reads beside much data.
        case reads
    }

    private let target: BenchmarkTarget
    private let isQuick: Bool

    /// `isQuick` stops at 100,000 rows and measures fewer rounds.
    package init(_ target: BenchmarkTarget, isQuick: Bool) {
        self.target = target
        self.isQuick = isQuick
    }

    /// Measures the parts and tells each figure when its part is done.
    package func run(_ parts: [Part], _ tell: (BenchmarkLine) -> Void) async throws {
        for part in parts {
            let lines =
                switch part {
                case .driver: try await DriverBenchmark(target: target, rounds: isQuick ? 11 : 31).lines()
                case .runs: try await RunCreationBenchmark(target: target, rounds: isQuick ? 9 : 25).lines()
                case .reads: try await ReadBenchmark(target: target, isQuick: isQuick).lines()
                }
            for line in lines { tell(line) }
        }
    }
}
