/// Times by size, as HdrHistogram has them: eight buckets for each power of two, below 16 µs one for each microsecond. So a
/// percentile is at most an eighth of itself off, and histograms of days and jobs can be added.
public struct TimeHistogram: Sendable, Hashable {
    /// How many fell into each bucket.
    public private(set) var counts: [Int64: Int64] = [:]

    public init() {}

    /// Buckets as they are stored.
    private static let buckets = LogLinearBuckets(bits: 3)

    /// The bucket of that many microseconds; negative ones count as 0.
    static func bucket(of microseconds: Int64) -> Int64 { buckets.bucket(of: microseconds) }

    /// The middle of a bucket, in microseconds.
    static func middle(of bucket: Int64) -> Int64 { buckets.middle(of: bucket) }

    public var count: Int64 { counts.values.reduce(0, +) }

    public mutating func add(microseconds: Int64) {
        add(1, to: Self.bucket(of: microseconds))
    }

    mutating func add(_ count: Int64, to bucket: Int64) {
        counts[bucket, default: 0] += count
    }

    /// The time, in microseconds, that the part `rank` (0 to 1) of all does not exceed; nil of none.
    public func percentile(_ rank: Double) -> Int64? {
        let total = count
        guard total > 0 else { return nil }
        var left = max(1, Int64((rank * Double(total)).rounded(.up)))
        for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
            left -= count
            if left <= 0 { return Self.middle(of: bucket) }
        }
        return nil
    }
}
