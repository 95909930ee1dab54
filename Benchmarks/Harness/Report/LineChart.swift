/// Figures over the seconds of a test.
struct LineChart {
    let title: String
    /// Of all series.
    let unit: String
    /// A value for each second, nil where there is none.
    let series: [(name: String, values: [Double?])]

    /// A point for a pointer to ask about, while they are not too many.
    private static let marked = 150

    var svg: String {
        let count = max(2, series.map(\.values.count).max() ?? 0)
        let top = series.flatMap(\.values).compactMap(\.self).max() ?? 0
        let ticks = ChartAxis.ticks(to: top)
        let highest = ticks.last ?? 1
        let seconds = ChartAxis.ticks(to: Double(count), count: 8).filter { $0 >= 1 && $0 <= Double(count) }
        let frame = ChartFrame(
            title: title, x: seconds.map { (Self.x(Int($0) - 1, count), Figure.text($0)) },
            y: ticks.map { ($0 / highest, Figure.text($0)) }, xTitle: "second of the test", yTitle: unit,
            legend: series.map(\.name))
        return frame.svg(
            series.enumerated().map { number, one in
                draw(one.name, one.values.map { $0.map { $0 / highest } }, one.values, "s\(number + 1)", count)
            }.joined())
    }

    private static func x(_ second: Int, _ count: Int) -> Double { Double(second) / Double(count - 1) }

    private func draw(
        _ name: String, _ parts: [Double?], _ values: [Double?], _ style: String, _ count: Int
    ) -> String {
        var (path, marks, isDown) = ("", "", false)
        for (second, part) in parts.enumerated() {
            guard let part else {
                isDown = false
                continue
            }
            let x = Markup.number(ChartFrame.x(Self.x(second, count)))
            let y = Markup.number(ChartFrame.y(part))
            path += "\(isDown ? "L" : "M")\(x) \(y)"
            isDown = true
            if count <= Self.marked {
                let word = Markup.escape("\(name), second \(second + 1): \(Figure.text(values[second] ?? 0)) \(unit)")
                marks += #"<circle class="\#(style)" cx="\#(x)" cy="\#(y)" r="2.5"><title>\#(word)</title></circle>"#
            }
        }
        return #"<path class="line \#(style)" d="\#(path)"/>\#(marks)"#
    }
}
