/// Places in a text, in order; overlapping and adjacent ones are one.
enum MaskRanges {
    /// Of a place that ends behind all others.
    static func add(_ range: Range<Int>, to ranges: inout [Range<Int>]) {
        var range = range
        while let last = ranges.last, range.lowerBound <= last.upperBound {
            range = min(range.lowerBound, last.lowerBound)..<max(range.upperBound, last.upperBound)
            ranges.removeLast()
        }
        ranges.append(range)
    }

    static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) { add(range, to: &result) }
        return result
    }
}
