/// The results as one page that needs nothing else: no scripts, no fonts, no images from elsewhere.
struct HTMLReport {
    private let report: BenchmarkReport

    init(_ report: BenchmarkReport) {
        self.report = report
    }

    /// More repositories than that are told by the one that waits longest.
    private static let repositories = 30

    var text: String {
        let title = "plue bench queue – \(report.about.part)"
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Markup.escape(title))</title>
            <style>\(HTMLStyle.text)</style></head><body><main>
            <header><h1>\(Markup.escape(title))</h1><p class="when">\(Markup.escape(subtitle))</p></header>
            \(verdict)
            \(report.loads.map(section).joined(separator: "\n"))
            <section><h2>All figures</h2>\(figures)</section>
            <section><h2>Where and how</h2>\(surroundings)</section>
            </main></body></html>

            """
    }

    private var subtitle: String {
        let about = report.about
        let commit = about.commit.map { ", commit \($0.prefix(12))" } ?? ""
        return "\(about.date.prefix(19))Z · plue \(about.version)\(commit) · "
            + about.databases.map { "\($0.name) \($0.version)" }.joined(separator: " · ")
    }

    /// Red when anything was lost, doubled or out of order, whatever the other figures say.
    private var verdict: String {
        let missed = report.figures.filter { $0.isMet == false && $0.unit != BenchmarkLine.faultUnit }
        let (style, headline): (String, String) =
            if !report.broken.isEmpty {
                (
                    "bad",
                    report.broken.map(Self.told)
                        .joined(separator: "; ")
                )
            } else if report.faults.isEmpty {
                ("plain", "This part does not look for lost jobs")
            } else {
                ("good", "Nothing lost, nothing done twice, nothing out of order")
            }
        let note =
            missed.isEmpty
            ? "" : "<p>\(missed.count == 1 ? "1 goal" : "\(missed.count) goals") missed; see all figures.</p>"
        return #"<div class="verdict \#(style)"><p class="headline">\#(Markup.escape(headline))</p>\#(note)</div>"#
    }

    /// `2 jobs lost (postgres; load, flat out)` of `load, flat out: jobs lost`.
    private static func told(_ fault: BenchmarkLine) -> String {
        let parts = fault.name.split(separator: ": ", maxSplits: 1)
        let place = [fault.database] + (parts.count == 2 ? parts.prefix(1).map(String.init) : [])
        let words = parts.last.map(String.init) ?? fault.name
        return "\(Figure.text(fault.ours)) \(words) (\(place.compactMap(\.self).joined(separator: "; ")))"
    }

    // MARK: Load tests

    private func section(_ load: LoadResult) -> String {
        let offered = load.options.rate.map { "\(Figure.text($0)) runs a second offered" } ?? "flat out"
        let full = load.seconds.prefix(max(1, Int(load.elapsed)))
        let width = Double(load.options.shape.jobs.count)
        let throughput = LineChart(
            title: "Throughput over time", unit: "jobs a second",
            series: [
                ("created", full.map { Double($0.created) * width }), ("completed", full.map { Double($0.completed) }),
            ])
        let depth = LineChart(
            title: "Queue depth over time", unit: "jobs",
            series: [
                ("open", full.map { $0.open.map(Double.init) }),
                ("waiting for a runner", full.map { $0.depth.map(Double.init) }),
            ])
        let latency = PercentileChart(
            title: "Latency by percentile",
            series: LoadMeasure.allCases.compactMap { measure in load.times[measure].map { (measure.short, $0) } })
        let waits = load.shares.sorted { $0.meanWait > $1.meanWait }
        let fairness = BarChart(
            title: "Mean wait in the queue by repository", unit: "milliseconds, the mean of each repository's jobs",
            legend: ["wait"],
            bars: (waits.count > Self.repositories ? Array(waits.prefix(Self.repositories)) : load.shares)
                .map { ("\($0.repository)", [$0.meanWait]) })
        let costs = BarChart(
            title: "Statements and round trips of a job", unit: "a job, BEGIN and COMMIT counted",
            legend: ["statements", "round trips"],
            bars: load.costs.map { ($0.kind, [$0.statements, $0.roundTrips]) })
        let more =
            waits.count > Self.repositories ? " The \(Self.repositories) of \(waits.count) that wait longest." : ""
        return "<section><h2>\(Markup.escape("\(load.database), \(offered)"))</h2>" + tiles(load)
            + #"<div class="charts">"#
            + figure(throughput.title, "", throughput.svg)
            + figure(depth.title, "Open jobs wait for other jobs, wait for a runner, or run.", depth.svg)
            + figure(
                latency.title,
                "Times of runs begin when a run was due, so that a stall counts for all whom it held up.", latency.svg,
                style: "wide")
            + figure(
                fairness.title,
                "Jain's index of these means: \(Figure.text(load.fairness)); 1 when all wait equally long.\(more)",
                fairness.svg)
            + figure(costs.title, "Completion with its report of one step; claims that got nothing, too.", costs.svg)
            + "</div></section>"
    }

    private func tiles(_ load: LoadResult) -> String {
        let wait = load.times[.queueWait] ?? LatencyHistogram()
        let run = load.times[.run] ?? LatencyHistogram()
        let tiles = [
            (Figure.text(Double(load.concluded) / load.elapsed), "runs a second"),
            (Figure.text(Double(load.jobs) / load.elapsed), "jobs a second"),
            (ChartAxis.time(milliseconds: Double(wait.percentile(0.99)) / 1_000), "wait in the queue, p99"),
            (ChartAxis.time(milliseconds: Double(run.percentile(0.99)) / 1_000), "whole run, p99"),
            (Figure.text(load.fairness), "Jain's fairness index"),
            (Figure.text(load.costs.reduce(0) { $0 + $1.statements }), "statements a job"),
        ]
        let inner = tiles.map { value, name in
            "<div class=\"tile\"><b>\(Markup.escape(value))</b><span>\(Markup.escape(name))</span></div>"
        }
        return #"<div class="tiles">\#(inner.joined())</div>"#
    }

    private func figure(_ title: String, _ note: String, _ svg: String, style: String = "narrow") -> String {
        let words = note.isEmpty ? "" : "<p>\(Markup.escape(note))</p>"
        return
            "<figure class=\"\(style)\"><figcaption><h3>\(Markup.escape(title))</h3>\(words)</figcaption>\(svg)</figure>"
    }

    // MARK: Tables

    private var figures: String {
        let heading = BenchmarkLine.heading.enumerated().map { index, name in
            "<th\(Self.isNumber(index) ? " class=\"number\"" : "")>\(Markup.escape(name))</th>"
        }
        let rows = report.figures.map { line in
            let cells = line.cells.enumerated().map { index, cell in
                let style =
                    index == line.cells.count - 1 && !cell.isEmpty
                    ? " class=\"\(line.isMet == true ? "ok" : "missed")\""
                    : Self.isNumber(index) ? " class=\"number\"" : ""
                return "<td\(style)>\(Markup.escape(cell))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return #"<div class="scroll"><table><thead><tr>\#(heading.joined())</tr></thead>"#
            + "<tbody>\(rows.joined(separator: "\n"))</tbody></table></div>"
    }

    /// Of ``BenchmarkLine/heading``.
    private static func isNumber(_ column: Int) -> Bool { [2, 3, 5, 6].contains(column) }

    private var surroundings: String {
        let machine = report.about.machine
        let gibibytes = Double(machine.memoryBytes) / Double(1 << 30)
        let facts =
            [
                ("machine", "\(machine.cores) cores, \(machine.processor), \(Figure.text(gibibytes)) GiB"),
                ("system", machine.system),
            ] + report.about.databases.map { ($0.name, $0.version) }
            + report.about.options.map { ("--\($0.name)", $0.value) }
        let rows = facts.map { "<tr><th>\(Markup.escape($0.0))</th><td>\(Markup.escape($0.1))</td></tr>" }
        return "<table class=\"facts\"><tbody>\(rows.joined())</tbody></table>"
    }
}
