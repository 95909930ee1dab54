internal import Glibc

/// Distributions of times: the percentile by its nines, the time on a logarithmic axis.
struct PercentileChart {
    let title: String
    let series: [(name: String, histogram: LatencyHistogram)]

    private static let ranks: [(Double, String)] = [
        (0, "0 %"), (0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %"),
        (0.99999, "99.999 %"),
    ]

    var svg: String {
        // As far as there is one time beyond.
        let count = Double(max(10, series.map(\.histogram.count).max() ?? 0))
        let farthest = log10(count)
        let least = series.filter { $0.histogram.count > 0 }.map { Self.milliseconds($0.histogram.percentile(0.01)) }
            .min()
        let greatest = series.map { Self.milliseconds($0.histogram.greatest) }.max()
        let powers = ChartAxis.powers(least ?? 1, greatest ?? 10)
        let (low, high) = (log10(powers.first ?? 1), log10(powers.last ?? 10))
        func y(_ milliseconds: Double) -> Double {
            min(1, max(0, (log10(max(milliseconds, 1e-9)) - low) / (high - low)))
        }
        func x(_ rank: Double) -> Double { min(1, -log10(max(1 - rank, 1e-12)) / farthest) }
        let frame = ChartFrame(
            title: title, x: Self.ranks.filter { x($0.0) < 0.9 }.map { (x($0.0), $0.1) } + [(1, "max")],
            y: powers.map { (y($0), ChartAxis.time(milliseconds: $0)) }, xTitle: "percentile, by nines",
            yTitle: "time", legend: series.map(\.name))
        return frame.svg(
            series.enumerated().map { number, one in
                let style = "s\(number + 1)"
                let ranks = one.histogram.points().map(\.rank) + Self.ranks.map(\.0).filter { x($0) < 1 }
                let points = ranks.sorted().map { rank in
                    (x(rank), y(Self.milliseconds(one.histogram.percentile(rank))))
                }
                let path = points.enumerated().map { index, point in
                    (index == 0 ? "M" : "L")
                        + "\(Markup.number(ChartFrame.x(point.0))) \(Markup.number(ChartFrame.y(point.1)))"
                }.joined()
                let marks = Self.ranks.filter { x($0.0) < 1 && $0.0 > 0 }.map { rank, word in
                    let value = Self.milliseconds(one.histogram.percentile(rank))
                    let told = Markup.escape("\(one.name), \(word): \(ChartAxis.time(milliseconds: value))")
                    return #"<circle class="\#(style)" cx="\#(Markup.number(ChartFrame.x(x(rank))))" "#
                        + #"cy="\#(Markup.number(ChartFrame.y(y(value))))" r="2.5"><title>\#(told)</title></circle>"#
                }.joined()
                return #"<path class="line \#(style)" d="\#(path)"/>\#(one.histogram.count > 0 ? marks : "")"#
            }.joined())
    }

    private static func milliseconds(_ microseconds: Int64) -> Double { Double(microseconds) / 1_000 }
}
