import BenchmarkHarness
import Foundation
import TestDatabases
import Testing

/// A second of load on each database: the numbers hang together.
@Suite struct LoadTestTests {
    @Test func atARateAndFlatOut() async throws {
        for (number, target) in try Targets.all.enumerated() {
            for rate in number == 0 ? [nil, 20.0] : [20.0] {
                var options = LoadOptions()
                (options.rate, options.seconds, options.runners, options.repositories) = (rate, 1, 3, 3)
                let result = try await Targets.with(target) { [options] in try await LoadTest($0, options).run() }
                #expect(result.faults == LoadFaults())
                if rate != nil { #expect(result.runs == 20) }
                #expect(result.runs > 0 && result.jobs == result.runs * 4 && result.concluded == result.runs)
                #expect(result.seconds.map(\.created).reduce(0, +) == result.runs)
                #expect(result.seconds.map(\.completed).reduce(0, +) == result.jobs)
                #expect(result.times[.run]?.count == Int64(result.runs))
                #expect(result.times[.queueWait]?.count == Int64(result.jobs))
                #expect(result.shares.count == 3 && result.shares.map(\.claims).reduce(0, +) == result.jobs)
                #expect(result.fairness > 0 && result.fairness <= 1)
                #expect(result.costs.map(\.kind) == ["create", "claim", "complete"])
                #expect(result.lines.allSatisfy { $0.isMet != false })
            }
        }
    }
}
