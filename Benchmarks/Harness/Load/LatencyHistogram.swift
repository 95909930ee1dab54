internal import Glibc
internal import Services

/// Times with a relative error of at most 1/128, for any number of them; the least and the greatest are exact.
package struct LatencyHistogram: Sendable {
    private static let buckets = LogLinearBuckets(bits: 7)

    private var counts: [Int64] = []
    package private(set) var count: Int64 = 0
    private var sum = 0.0
    /// Microseconds; 0 of none.
    package private(set) var least: Int64 = 0
    package private(set) var greatest: Int64 = 0

    package init() {}

    /// A time that some percentile is at most.
    package struct Point: Sendable {
        /// 0 to 1.
        package var rank: Double
        /// Microseconds.
        package var value: Int64
        /// Times up to this one.
        package var total: Int64
    }

    /// Negative times count as 0.
    package mutating func add(microseconds: Int64) {
        let value = max(0, microseconds)
        let bucket = Int(Self.buckets.bucket(of: value))
        if bucket >= counts.count { counts += Array(repeating: 0, count: bucket + 1 - counts.count) }
        counts[bucket] += 1
        least = count == 0 ? value : min(least, value)
        greatest = max(greatest, value)
        count += 1
        sum += Double(value)
    }

    package mutating func add(_ time: Duration) {
        add(microseconds: Int64(time / .microseconds(1)))
    }

    package mutating func merge(_ other: Self) {
        guard other.count > 0 else { return }
        if other.counts.count > counts.count {
            counts += Array(repeating: 0, count: other.counts.count - counts.count)
        }
        for (bucket, number) in other.counts.enumerated() { counts[bucket] += number }
        least = count == 0 ? other.least : min(least, other.least)
        greatest = max(greatest, other.greatest)
        count += other.count
        sum += other.sum
    }

    /// Microseconds; 0 of none.
    package var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// The standard deviation as the buckets tell it, microseconds.
    package var deviation: Double {
        guard count > 0 else { return 0 }
        let squares = counts.enumerated().reduce(0.0) { total, next in
            let away = Double(Self.buckets.middle(of: Int64(next.offset))) - mean
            return total + away * away * Double(next.element)
        }
        return (squares / Double(count)).squareRoot()
    }

    /// The time, in microseconds, that the part `rank` (0 to 1) of all does not exceed: the greatest of its bucket, as
    /// HdrHistogram answers; 0 of none.
    package func percentile(_ rank: Double) -> Int64 {
        let wanted = max(1, Int64((min(1, rank) * Double(count)).rounded(.up)))
        var total: Int64 = 0
        for (bucket, number) in counts.enumerated() where number > 0 {
            total += number
            if total >= wanted { return Self.greatest(in: bucket, max: greatest) }
        }
        return 0
    }

    /// Points of the distribution, `perHalving` of them each time that the distance to 1 is halved, up to the greatest.
    package func points(perHalving: Int = 5) -> [Point] {
        guard count > 0 else { return [] }
        var points: [Point] = []
        var (next, total): (Double, Int64) = (0, 0)
        for (bucket, number) in counts.enumerated() where number > 0 {
            total += number
            let reached = Double(total) / Double(count)
            let value = Self.greatest(in: bucket, max: greatest)
            while next < 1, reached >= next {
                points.append(Point(rank: next, value: value, total: total))
                if total == count { break }
                // Steps get smaller towards 1.
                next += pow(2, -((-log2(1 - next)).rounded(.down))) / Double(perHalving) / 2
            }
        }
        points.append(Point(rank: 1, value: greatest, total: count))
        return points
    }

    private static func greatest(in bucket: Int, max greatest: Int64) -> Int64 {
        min(greatest, buckets.values(of: Int64(bucket)).upperBound)
    }
}
