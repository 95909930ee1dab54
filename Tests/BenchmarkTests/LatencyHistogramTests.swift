import Foundation
import Services
import Testing

@testable import BenchmarkHarness

/// Times by size: what a percentile says of them.
@Suite struct LatencyHistogramTests {
    private static let seed: UInt64 =
        ProcessInfo.processInfo.environment["PLUE_TEST_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 0...UInt64.max)

    /// Within a 128th, and never less than the time itself.
    private static func isNear(_ told: Int64, _ value: Int64) -> Bool {
        told >= value && Double(told - value) <= Double(value) / 128
    }

    @Test func boundariesOfBuckets() {
        for power in 0..<62 {
            for value in [(Int64(1) << power) - 1, Int64(1) << power, (Int64(1) << power) + 1] {
                var times = LatencyHistogram()
                times.add(microseconds: value)
                // Alone it is the greatest, which is exact.
                #expect(times.percentile(0.5) == value && times.greatest == value && times.least == value)
                times.add(microseconds: .max)
                #expect(Self.isNear(times.percentile(0.5), value), "\(value): \(times.percentile(0.5))")
            }
        }
        for bits in [1, 3, 7, 12] as [Int64] {
            let buckets = LogLinearBuckets(bits: bits)
            for bucket in 0..<min(1_000, buckets.bucket(of: .max)) {
                let values = buckets.values(of: bucket)
                #expect(
                    buckets.bucket(of: values.lowerBound) == bucket && buckets.bucket(of: values.upperBound) == bucket)
                #expect(buckets.bucket(of: values.upperBound + 1) == bucket + 1)
                #expect(values.contains(buckets.middle(of: bucket)))
            }
        }
    }

    @Test func percentilesAreThoseOfTheSortedTimes() {
        var random = SimulationGenerator(seed: Self.seed)
        print("latency histogram PLUE_TEST_SEED=\(Self.seed)")
        for _ in 0..<50 {
            let count = Int.random(in: 1...2_000, using: &random)
            let values = (0..<count).map { _ in
                Int64.random(in: 0...(Int64(1) << Int64.random(in: 0...40, using: &random)), using: &random)
            }.sorted()
            var halves = [LatencyHistogram(), LatencyHistogram()]
            for (index, value) in values.shuffled(using: &random).enumerated() {
                halves[index % 2].add(microseconds: value)
            }
            var times = halves[0]
            times.merge(halves[1])
            #expect(times.count == Int64(count) && times.least == values.first && times.greatest == values.last)
            for rank in [0, 0.1, 0.5, 0.9, 0.99, 0.999, 1] {
                let place = max(1, Int((rank * Double(count)).rounded(.up)))
                #expect(Self.isNear(times.percentile(rank), values[place - 1]), "\(rank) of \(count)")
            }
            let points = times.points()
            #expect(points.last?.value == values.last && points.last?.total == Int64(count))
            #expect(zip(points, points.dropFirst()).allSatisfy { $0.rank <= $1.rank && $0.value <= $1.value })
        }
    }

    @Test func textForThePlotter() {
        var times = LatencyHistogram()
        for value in 1...1_000 { times.add(microseconds: Int64(value * 1_000)) }
        let lines = times.hgrm.split(separator: "\n").map(String.init)
        #expect(lines.first == "       Value     Percentile TotalCount 1/(1-Percentile)")
        let middle = lines.first { $0.contains(" 0.500000000000 ") }
        #expect(middle?.split(separator: " ").last == "2.00")
        #expect(lines.contains { $0.hasPrefix("    1000.000 1.000000000000       1000") })
        #expect(lines.last?.hasPrefix("#[Buckets") == true)
        #expect(LatencyHistogram().hgrm.contains("Total count    =            0"))
    }

    @Test func fairnessOfShares() {
        #expect(LoadResult.jain([]) == 1 && LoadResult.jain([0, 0]) == 1 && LoadResult.jain([3, 3, 3]) == 1)
        #expect(LoadResult.jain([1, 0, 0, 0]) == 0.25)
    }
}
