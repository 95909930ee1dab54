/// Values side by side, each with its name and number.
struct BarChart {
    let title: String
    let unit: String
    /// Names of the values of each bar, the first one of the class `s1`.
    let legend: [String]
    let bars: [(name: String, values: [Double])]

    private static let (thickness, gap, names, numbers) = (14.0, 9.0, 130.0, 66.0)

    var svg: String {
        let n = Markup.number
        let values = max(1, legend.count)
        let step = Double(values) * Self.thickness + Self.gap
        let top = legend.count > 1 ? 34.0 : 8.0
        let height = top + Double(bars.count) * step + 26
        let highest = max(bars.flatMap(\.values).filter(\.isFinite).max() ?? 0, .leastNonzeroMagnitude)
        let room = ChartFrame.width - Self.names - Self.numbers
        var out = #"<svg viewBox="0 0 \#(n(ChartFrame.width)) \#(n(height))" role="img" "#
        out += #"aria-label="\#(Markup.escape(title))">"#
        if legend.count > 1 {
            for (number, name) in legend.enumerated() {
                let x = Self.names + Double(number) * 140
                out += #"<rect class="bar s\#(number + 1)" x="\#(n(x))" y="8" width="12" height="12" rx="2"/>"#
                out += #"<text class="legend" x="\#(n(x + 18))" y="18">\#(Markup.escape(name))</text>"#
            }
        }
        for (index, bar) in bars.enumerated() {
            let y = top + Double(index) * step
            let middle = y + Double(values) * Self.thickness / 2 + 4
            out += #"<text class="tick" x="\#(n(Self.names - 10))" y="\#(n(middle))" text-anchor="end">"#
            out += "\(Markup.escape(Self.short(bar.name)))<title>\(Markup.escape(bar.name))</title></text>"
            for (number, value) in bar.values.enumerated() {
                let at = y + Double(number) * Self.thickness
                let width = max(1, (value.isFinite ? value / highest : 0) * room)
                out += #"<rect class="bar s\#(number + 1)" x="\#(n(Self.names))" y="\#(n(at))" "#
                out += #"width="\#(n(width))" height="\#(n(Self.thickness - 2))" rx="2"/>"#
                out += #"<text class="tick" x="\#(n(Self.names + width + 6))" y="\#(n(at + 10))">"#
                out += "\(Markup.escape(Figure.text(value)))</text>"
            }
        }
        out += #"<text class="label" x="\#(n(Self.names))" y="\#(n(height - 8))">\#(Markup.escape(unit))</text>"#
        return out + "</svg>"
    }

    private static func short(_ name: String) -> String {
        name.count <= 22 ? name : name.prefix(21) + "…"
    }
}
