extension LatencyHistogram {
    /// The distribution in milliseconds as HdrHistogram's `outputPercentileDistribution` prints it, for its plotter.
    var hgrm: String {
        var out = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
        for point in points() {
            let beyond = point.rank < 1 ? Self.fixed(1 / (1 - point.rank), 2, 14) : "           inf"
            out += Self.fixed(Double(point.value) / 1_000, 3, 12) + " " + Self.fixed(point.rank, 12, 14)
            out += " " + Self.padded("\(point.total)", 10) + " " + beyond + "\n"
        }
        out +=
            "#[Mean    = \(Self.fixed(mean / 1_000, 3, 12)), StdDeviation   = \(Self.fixed(deviation / 1_000, 3, 12))]\n"
        out += "#[Max     = \(Self.fixed(Double(greatest) / 1_000, 3, 12)), Total count    = "
        return out + Self.padded("\(count)", 12) + "]\n#[Buckets = \(Self.padded("64", 12)), SubBuckets     = "
            + Self.padded("128", 12) + "]\n"
    }

    /// `digits` behind the point, at least `width` wide.
    private static func fixed(_ value: Double, _ digits: Int, _ width: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int64((value * scale).rounded())
        let rest = "\(whole % Int64(scale))"
        let text = "\(whole / Int64(scale))." + String(repeating: "0", count: digits - rest.count) + rest
        return padded(text, width)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
