/// The axes, grid and legend of a chart.
struct ChartFrame {
    static let (width, height) = (600.0, 290.0)
    static let (left, right, top, bottom) = (64.0, 16.0, 40.0, 46.0)

    /// What is drawn: its place on the axis from 0 to 1, and its label.
    typealias Tick = (at: Double, label: String)

    let title: String
    let x: [Tick]
    let y: [Tick]
    let xTitle: String
    let yTitle: String
    /// Names of the series, the first one of the class `s1`.
    var legend: [String] = []

    static func x(_ part: Double) -> Double { left + part * (width - left - right) }
    static func y(_ part: Double) -> Double { height - bottom - part * (height - top - bottom) }

    /// The whole image around what `content` draws.
    func svg(_ content: String) -> String {
        let n = Markup.number
        let (x0, x1, y0) = (n(Self.x(0)), n(Self.x(1)), n(Self.y(0)))
        var out =
            #"<svg viewBox="0 0 \#(n(Self.width)) \#(n(Self.height))" role="img" aria-label="\#(Markup.escape(title))">"#
        for tick in y {
            let at = n(Self.y(tick.at))
            out += #"<line class="grid" x1="\#(x0)" x2="\#(x1)" y1="\#(at)" y2="\#(at)"/>"#
            out += #"<text class="tick" x="\#(n(Self.left - 8))" y="\#(n(Self.y(tick.at) + 4))" text-anchor="end">"#
            out += "\(Markup.escape(tick.label))</text>"
        }
        for tick in x {
            let at = n(Self.x(tick.at))
            out += #"<line class="axis" x1="\#(at)" x2="\#(at)" y1="\#(y0)" y2="\#(n(Self.y(0) + 4))"/>"#
            out += #"<text class="tick" x="\#(at)" y="\#(n(Self.y(0) + 18))" text-anchor="middle">"#
            out += "\(Markup.escape(tick.label))</text>"
        }
        out += #"<line class="axis" x1="\#(x0)" x2="\#(x1)" y1="\#(y0)" y2="\#(y0)"/>"#
        out += #"<text class="label" x="\#(n(Self.x(0.5)))" y="\#(n(Self.height - 8))" text-anchor="middle">"#
        out += "\(Markup.escape(xTitle))</text>"
        out += #"<text class="label" x="2" y="\#(n(Self.top - 16))">"#
        out += "\(Markup.escape(yTitle))</text>"
        return out + content + names + "</svg>"
    }

    /// The legend, in a line above the plot.
    private var names: String {
        var (out, at) = ("", max(Self.left + 8, Double(yTitle.count) * 6.6 + 24))
        for (number, name) in legend.enumerated() {
            let y = Markup.number(Self.top - 20)
            out += #"<line class="key s\#(number + 1)" x1="\#(Markup.number(at))" x2="\#(Markup.number(at + 16))" "#
            out += #"y1="\#(y)" y2="\#(y)"/>"#
            out += #"<text class="legend" x="\#(Markup.number(at + 22))" y="\#(Markup.number(Self.top - 16))">"#
            out += "\(Markup.escape(name))</text>"
            at += 22 + Double(name.count) * 6.4 + 18
        }
        return out
    }
}
