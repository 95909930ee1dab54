internal import BenchmarkHarness

extension BenchQueueCommand {
    /// Measures the part that was asked for; returns load tests with all that they saw.
    func measure(
        _ target: BenchmarkTarget, _ tell: (BenchmarkLine) -> Void
    ) async throws -> [LoadResult] {
        let (quick, waits) = (targets.quick, synchronousCommit == .on)
        let (jobs, rounds) = (quick ? min(jobs ?? 100, 500) : jobs ?? 3_000, quick ? 1 : self.rounds ?? 5)
        let duration = quick ? min(duration, 1) : duration
        switch part {
        case .throughput:
            try await QueueBenchmark(
                target, jobs: (quick ? min(self.jobs ?? 500, 500) : jobs) / 10 * 10,
                rounds: quick ? 1 : self.rounds ?? 3,
                connections: runners, synchronousCommit: waits
            ).run(batch.isEmpty ? [1, 100] : batch, tell)
        case .claims:
            let jobs = self.jobs ?? 100_000
            try await ClaimBenchmark(
                target, jobs: quick ? min(jobs, 1_000) : jobs, runners: quick ? 100 : 1_000
            ).run(tell)
        case .load:
            var options = LoadOptions()
            options.rate = rate
            options.seconds = duration
            options.runners = runners
            options.repositories = repositories
            options.synchronousCommit = waits
            let result = try await LoadTest(target, options).run()
            for line in result.lines { tell(line) }
            return [result]
        case .idle: try await IdleBenchmark(target, seconds: quick ? 1 : 20).run(tell)
        case .fairness: try await FairnessBenchmark(target, isQuick: quick).run(tell)
        case .late: try await LateBenchmark(target).run(tell)
        case .snapshot:
            try await SnapshotBenchmark(
                target, jobs: jobs, rounds: rounds, connections: runners, synchronousCommit: waits
            ).run(tell)
        case .wal: try await WALBenchmark(target, jobs: jobs, connections: runners).run(tell)
        case .history:
            try await HistoryBenchmark(
                target, jobs: jobs, rounds: rounds, connections: runners, finished: quick ? 1_000 : 1_000_000
            ).run(tell)
        case .runs:
            try await RunsBenchmark(
                target, seconds: duration, runners: runners, synchronousCommit: waits
            ).run(tell)
        }
        return []
    }
}
