/// `plue bench storage`: the drivers, the making of runs, and reads beside much data.
public struct StorageBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let isQuick: Bool

    /// `isQuick` stops at 100,000 rows and measures fewer rounds.
    public init(_ target: BenchmarkTarget, isQuick: Bool) {
        self.target = target
        self.isQuick = isQuick
    }

    /// Measures everything and tells each figure when it is known.
    public func run(_ tell: (BenchmarkLine) -> Void) async throws {
        for line in try await DriverBenchmark(target: target, rounds: isQuick ? 11 : 31).lines() { tell(line) }
        for line in try await RunCreationBenchmark(target: target, rounds: isQuick ? 9 : 25).lines() { tell(line) }
        for line in try await ReadBenchmark(target: target, isQuick: isQuick).lines() { tell(line) }
    }
}
