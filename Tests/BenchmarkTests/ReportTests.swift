import Foundation
import Testing

@testable import BenchmarkHarness

/// The files of a result, and what is read back of them.
@Suite struct ReportTests {
    private static func report(_ faults: LoadFaults = LoadFaults(), rate: Double = 100) -> BenchmarkReport {
        var times = LatencyHistogram()
        for value in 1...5_000 { times.add(microseconds: Int64(value * value)) }
        var seconds: [LoadSecond] = []
        for number in 0..<5 {
            var second = LoadSecond()
            (second.created, second.completed, second.depth) = (10, 40 - number, number == 2 ? nil : number)
            seconds.append(second)
        }
        let load = LoadResult(
            database: "sqlite", options: LoadOptions(), runs: 50, jobs: 200, concluded: 50, elapsed: 50 / rate,
            seconds: seconds, times: Dictionary(uniqueKeysWithValues: LoadMeasure.allCases.map { ($0, times) }),
            shares: [
                .init(repository: "<script>alert('x')</script>", claims: 9, meanWait: 1.5),
                .init(repository: "b\"&", claims: 9, meanWait: .nan),
            ],
            costs: [.init(kind: "claim", statements: 8, roundTrips: 2)], faults: faults)
        let about = BenchmarkAbout(
            part: "load", version: "1", commit: "</title><b>", date: "2026-01-01T00:00:00Z",
            databases: [("sqlite", "3<4")], options: [("rate", "5")])
        return BenchmarkReport(about, figures: load.lines, loads: [load])
    }

    private static func text(_ name: String, _ report: BenchmarkReport) throws -> String {
        try #require(report.files.first { $0.name == name }?.text)
    }

    @Test func nothingOfANameIsMarkup() throws {
        let page = try Self.text("report.html", Self.report())
        #expect(!page.contains("<script") && !page.contains("</title><b>") && !page.contains("3<4"))
        #expect(page.contains("&lt;script&gt;") && page.contains("b&quot;&amp;"))
        for word in ["http:", "https:", "src=", "@import", "url("] { #expect(!page.contains(word), "\(word)") }
        #expect(!page.contains(">nan<") && !page.contains("\"nan") && !page.contains("inf\""))
        #expect(Markup.escape("a<b>&\"'\u{0}") == "a&lt;b&gt;&amp;&quot;&#39;\u{fffd}")
    }

    @Test func imagesAreWellFormed() throws {
        let page = try Self.text("report.html", Self.report())
        let images = page.components(separatedBy: "<svg").dropFirst().map {
            "<svg" + $0.prefix(upTo: $0.range(of: "</svg>")!.upperBound)
        }
        #expect(images.count == 5)
        for image in images {
            // Every element is closed by itself or by its end.
            let opened = image.matches(of: /<[a-z]+[^>]*[^\/]>|<[a-z]+>/).count
            #expect(opened == image.matches(of: /<\/[a-z]+>/).count)
        }
    }

    @Test func theHeadlineIsRedWhenAnythingWasLost() throws {
        let good = try Self.text("report.html", Self.report())
        #expect(good.contains(#"class="verdict good""#) && good.contains("Nothing lost"))
        for faults in [
            LoadFaults(lost: 1), LoadFaults(doubled: 1), LoadFaults(outOfOrder: 1), LoadFaults(brokenRules: 1),
        ] {
            let bad = try Self.text("report.html", Self.report(faults))
            #expect(bad.contains(#"class="verdict bad""#) && !bad.contains("Nothing lost"))
        }
        let lost = try Self.text("report.html", Self.report(LoadFaults(lost: 2)))
        #expect(lost.contains(">2 jobs lost (sqlite; load, flat out)<"))
        let about = Self.report().about
        let plain = try Self.text("report.html", BenchmarkReport(about, figures: [], loads: []))
        #expect(plain.contains(#"class="verdict plain""#))
    }

    @Test func aLineASecond() throws {
        let report = Self.report()
        let lines = try Self.text("series.csv", report).components(separatedBy: "\r\n")
        #expect(lines.count == 7 && lines.last == "")
        #expect(lines.dropLast().allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 8 })
        #expect(lines[3] == "sqlite,3,10,0,38,0,,")
        #expect(report.files.map(\.name).filter { $0.hasSuffix(".hgrm") }.count == LoadMeasure.allCases.count)
    }

    @Test func theResultIsJSONWithEverything() throws {
        let text = try Self.text("result.json", Self.report(LoadFaults(lost: 2)))
        let result = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        for key in ["v", "part", "version", "commit", "date", "machine", "databases", "options", "figures"] {
            #expect(result[key] != nil, "\(key)")
        }
        #expect(result["faults"] as? Int == 2)
        let load = try #require((result["loads"] as? [[String: Any]])?.first)
        let times = try #require(load["microseconds"] as? [String: [String: Any]])
        #expect(
            times.count == 5 && times["claim"]?["p99.99"] as? Int != nil && times["claim"]?["max"] as? Int == 25_000_000
        )
        #expect((load["seconds"] as? [Any])?.count == 5)
    }

    @Test func comparedWithinATolerance() throws {
        func compare(_ a: BenchmarkReport, _ b: BenchmarkReport, _ tolerance: Double = 0.1) throws
            -> BenchmarkComparison
        {
            try BenchmarkComparison(("a", a.json), ("b", b.json), tolerance: tolerance)
        }
        let base = Self.report()
        #expect(!(try compare(base, base).isWorse))
        #expect(!(try compare(base, Self.report(rate: 91)).isWorse))
        let slow = try compare(base, Self.report(rate: 89))
        #expect(slow.isWorse && slow.rows.filter { $0.change == .worse }.map(\.unit) == ["runs/s", "jobs/s"])
        #expect(!(try compare(base, Self.report(rate: 89), 0.2).isWorse))
        let fast = try compare(base, Self.report(rate: 120))
        #expect(!fast.isWorse && fast.rows.contains { $0.change == .better })
        // However much is tolerated.
        let lost = try compare(base, Self.report(LoadFaults(lost: 1), rate: 500), 10)
        #expect(lost.isWorse && lost.faults == 1)
        let about = base.about
        let other = BenchmarkReport(
            about, figures: [BenchmarkLine(queue: "sqlite", "other", "ms", 1)] + base.figures.dropFirst(), loads: [])
        let changes = try compare(base, other).rows.map(\.change)
        #expect(changes.contains(.onlyA) && changes.contains(.onlyB))
    }

    @Test func whatIsNoResultIsNamed() {
        let good = Self.report().json
        for (text, word) in [
            ("", "no JSON"), ("[]", "no result"), ("{}", "no \"v\""), (#"{"v":2}"#, "its version is 2"),
            (#"{"v":1,"faults":0}"#, "\"figures\""), (#"{"v":1,"faults":0,"figures":[{}]}"#, "figures[0]"),
            (#"{"v":1,"faults":0,"figures":[]}"#, "no figure in common"),
        ] {
            var told = ""
            do {
                _ = try BenchmarkComparison(("a.json", good), ("b.json", text), tolerance: 0.1)
            } catch {
                told = "\(error)"
            }
            #expect(told.contains("b.json") && told.contains(word), "\(text): \(told)")
        }
    }
}
