import Foundation
import Testing

/// `plue stats`.
@Suite struct StatsVerbTests {
    @Test func countsWhatEnded() throws {
        let sandbox = try Sandbox()
        #expect(try sandbox.plue("stats").code == 64)
        try sandbox.workflow(
            """
              a: {runs-on: x, strategy: {matrix: {n: [1, 2]}}, steps: [{run: echo a}]}
              b: {needs: a, runs-on: x, steps: [{run: "test -e $HOME/good"}]}
            """)
        #expect(try sandbox.plue("run").code == 1)
        try sandbox.write("../good", "")
        #expect(try sandbox.plue("rerun", "--failed").code == 0)
        for _ in 0..<2 {
            let text = try sandbox.plue("stats", "--since", "1d")
            let lines = text.out.split(separator: "\n").map { line in
                line.split(separator: " ").map(String.init)
            }
            #expect(text.code == 0 && lines.count == 8, "\(text)")
            #expect(lines.contains { $0.starts(with: [".github/workflows/ci.yml", "2", "50%"]) }, "\(text)")
            #expect(lines.contains { $0.starts(with: ["a", "2", "100%"]) && $0.dropFirst(13).first == "2" }, "\(text)")
            #expect(
                lines.contains { $0.starts(with: ["b", "2", "50%"]) && $0.dropFirst(13).prefix(2) == ["2", "1"] },
                "\(text)")
            #expect(lines.last?.starts(with: ["(others)", "4"]) == true, "\(text)")
            #expect(text.out.contains("jobs: 1 failed · 1 run again · 1 flaky"), "\(text)")
            #expect(text.out.contains("use: 4 minutes, each job rounded up; exactly "), "\(text)")
        }
        let json = try sandbox.plue("stats", "--json", "-a", "-W", ".github/workflows/ci.yml")
        let record = try #require(
            try JSONSerialization.jsonObject(with: Data(json.out.utf8)) as? [String: Any], "\(json)")
        let entries = try #require(record["entries"] as? [[String: Any]])
        #expect(entries.map { $0["ended"] as? Int } == [2, 2, 2], "\(json)")
        #expect(entries.map { $0["flaky"] as? Int } == [0, 0, 1])
        #expect((entries[1]["run"] as? [String: Any])?["p99"] is Double)
        let none = try sandbox.plue("stats", "-W", "other.yml")
        #expect(
            none.code == 64 && none.out.isEmpty && none.err.contains("there is .github/workflows/ci.yml"), "\(none)")
        #expect(try sandbox.plue("stats", "-W", "ci.yml").out.contains("ci.yml"))
        for since in ["x", "0d", "-3d", "1h", "99999999999999999999d", "2026-13-01"] {
            let refused = try sandbox.plue("stats", "--since=\(since)")
            #expect(refused.code == 64 && refused.err.contains("expected 30d"), "\(refused)")
        }
        #expect(try sandbox.plue("doctor").code == 0)
    }
}
