internal import Glibc

/// Round numbers for an axis.
enum ChartAxis {
    /// About `count` steps of 1, 2 or 5 times a power of ten from 0 to at least `top`.
    static func ticks(to top: Double, count: Int = 4) -> [Double] {
        guard top > 0, top.isFinite else { return [0, 1] }
        let rough = top / Double(count)
        let power = pow(10, log10(rough).rounded(.down))
        let step = power * ([1, 2, 5, 10].first { $0 * power >= rough } ?? 10)
        return (0...Int((top / step).rounded(.up))).map { Double($0) * step }
    }

    /// The powers of ten around these positive values.
    static func powers(_ least: Double, _ greatest: Double) -> [Double] {
        guard least > 0, greatest.isFinite else { return [1, 10] }
        let first = Int(log10(least).rounded(.down))
        let last = max(first + 1, Int(log10(max(least, greatest)).rounded(.up)))
        return (first...last).map { pow(10, Double($0)) }
    }

    /// `250 µs`, `1 ms`, `10 s`
    static func time(milliseconds: Double) -> String {
        if milliseconds < 1 { return "\(Figure.text((milliseconds * 1_000).rounded())) µs" }
        return milliseconds < 1_000 ? "\(Figure.text(milliseconds)) ms" : "\(Figure.text(milliseconds / 1_000)) s"
    }
}
