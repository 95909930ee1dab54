import BenchmarkHarness
import Foundation
import Synchronization
import TestDatabases
import Testing

/// The parts of `plue bench queue` at a small scale: each runs to its end and finds nothing lost.
@Suite(.serialized) struct ProofTests {
    /// The figures of a part on SQLite, and on the server where there is one and `everywhere` says so.
    private static func lines(
        everywhere: Bool = false,
        _ body: @Sendable (BenchmarkTarget, (BenchmarkLine) -> Void) async throws -> Void
    ) async throws -> [BenchmarkLine] {
        var lines: [BenchmarkLine] = []
        for target in try Targets.all.prefix(everywhere ? 2 : 1) {
            lines += try await Targets.with(target) { target in
                var lines: [BenchmarkLine] = []
                try await body(target) { lines.append($0) }
                return lines
            }
        }
        return lines
    }

    @Test func lateResultsAreRefused() async throws {
        let lines = try await Self.lines(everywhere: true) { try await LateBenchmark($0, claims: 6).run($1) }
        #expect(lines.count >= 8 && lines.allSatisfy { $0.isMet == true }, "\(lines.map(\.cells))")
    }

    @Test func smallRepositoriesComeSoon() async throws {
        let lines = try await Self.lines { try await FairnessBenchmark($0, isQuick: true).run($1) }
        #expect(lines.count >= 2 && lines.allSatisfy { $0.isMet != false }, "\(lines.map(\.cells))")
    }

    @Test func idleRunnersAskSeldom() async throws {
        let lines = try await Self.lines { try await IdleBenchmark($0, runners: 20, seconds: 1).run($1) }
        #expect(lines.allSatisfy { $0.ours > 0 && $0.ours < 50 }, "\(lines.map(\.cells))")
    }

    /// How fast is no test's business.
    @Test func throughputBesideSnapshotsAndHistory() async throws {
        let lines = try await Self.lines { target, tell in
            try await SnapshotBenchmark(target, jobs: 20, rounds: 1, connections: 2).run(tell)
            try await HistoryBenchmark(target, jobs: 20, rounds: 1, connections: 2, finished: 100).run(tell)
            try await RunsBenchmark(target, seconds: 1, runners: 2, synchronousCommit: false).run(tell)
        }
        let faults = lines.filter { $0.goal == .atMost(0) }
        #expect(faults.count >= 12 && faults.allSatisfy { $0.isMet == true }, "\(lines.map(\.cells))")
        #expect(lines.allSatisfy { $0.ours.isFinite })
    }

    @Test(.enabled(if: TestServer.isExpected)) func whatIsWrittenAheadByTable() async throws {
        let lines = try await Self.lines(everywhere: true) {
            try await WALBenchmark($0, jobs: 50, connections: 2).run($1)
        }
        let table = lines.first { $0.name.hasSuffix("actions_job_executions") }
        #expect((table?.ours ?? 0) > 100, "\(lines.map(\.cells))")
        #expect(lines.allSatisfy { $0.isMet != false })
    }
}
