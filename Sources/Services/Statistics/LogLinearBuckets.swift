/// Buckets of whole numbers as HdrHistogram has them: `2^bits` of each power of two, below `2^(bits + 1)` one of each
/// number. So a bucket is never wider than its least value divided by `2^bits`.
package struct LogLinearBuckets: Sendable, Hashable {
    /// 1 to 20.
    package let bits: Int64

    package init(bits: Int64) {
        self.bits = min(max(bits, 1), 20)
    }

    private var perPower: Int64 { 1 << bits }
    /// The first value whose bucket may be wider than 1.
    private var linear: Int64 { perPower * 2 }

    /// The bucket of a value; negative ones count as 0.
    package func bucket(of value: Int64) -> Int64 {
        let value = max(0, value)
        guard value >= linear else { return value }
        let exponent = Int64(63 - value.leadingZeroBitCount)
        return linear + (exponent - bits - 1) * perPower + (value >> (exponent - bits) & (perPower - 1))
    }

    /// The values of a bucket; what would be beyond `Int64.max` is in the last one.
    package func values(of bucket: Int64) -> ClosedRange<Int64> {
        guard bucket >= linear else { return max(0, bucket)...max(0, bucket) }
        // The last power of two of a 64-bit number.
        let exponent = min(62, (bucket - linear) / perPower + bits + 1)
        let width: Int64 = 1 << (exponent - bits)
        let least = (perPower + (bucket - linear) % perPower) * width
        return least...(least + (width - 1))
    }

    /// The middle of a bucket.
    package func middle(of bucket: Int64) -> Int64 {
        let values = values(of: bucket)
        return values.lowerBound + (values.upperBound - values.lowerBound + 1) / 2
    }
}
