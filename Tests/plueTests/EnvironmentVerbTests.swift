import Foundation
import Testing

/// `plue environment`, `plue approve`, `plue reject`, `plue queue prioritize` as a user types them.
@Suite struct EnvironmentVerbTests {
    @Test func aJobWaitsForItsReviewer() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              build: {runs-on: ubuntu-latest, steps: [{run: echo b}]}
              ship: {runs-on: ubuntu-latest, environment: prod, steps: [{run: echo s}]}
            """)
        try sandbox.shell("git add -A; git commit -qm more")
        #expect(try sandbox.plue("approve").err.contains("nothing waits"))
        #expect(try sandbox.plue("run", "--detach").code == 0)
        #expect(try sandbox.plue("cancel", "1").code == 0)
        #expect(try sandbox.plue("environment", "set", "prod", "--reviewer", "octocat", "--reviewer", "mona").code == 0)
        let listed = try sandbox.plue("environment", "list")
        #expect(listed.code == 0 && listed.out.contains("prod") && listed.out.contains("mona"), "\(listed)")
        for _ in 0..<2 { #expect(try sandbox.plue("run", "--detach").code == 0) }
        let waiting = try sandbox.plue("approve", "--json").records
        #expect(waiting.compactMap { $0?["run"] as? Int } == [2, 3], "\(waiting)")
        #expect(try sandbox.plue("why", "2", "ship").out.contains("octocat"))
        #expect(try sandbox.plue("approve", "9").code == 64)
        #expect(try sandbox.plue("approve", "2", "-e", "staging").code != 0)
        let stranger = try sandbox.plue("approve", "2", with: ["USER": "eve"])
        #expect(stranger.code != 0 && stranger.err.contains("eve"), "\(stranger)")
        #expect(try sandbox.plue("approve", "2", "-c", "looks\u{1b}[31m good").code == 0)
        #expect(try sandbox.plue("reject", "3").code == 0)
        #expect(try sandbox.plue("approve", "2").code != 0)
        let view = try sandbox.plue("view", "2")
        #expect(view.out.contains("ship for prod was approved by octocat") && !view.out.contains("\u{1b}"), "\(view)")
        let record = try sandbox.plue("view", "3", "--json")
        #expect(record.out.contains("\"verdict\": \"rejected\""), "\(record)")
        let names = try sandbox.plue("queue", "list", "--json").records.compactMap { $0?["name"] as? String }
        #expect(names.sorted() == ["build", "build", "ship"])
        #expect(try sandbox.plue("environment", "delete", "prod").code == 0)
        #expect(try sandbox.plue("environment", "delete", "prod").code == 64)
    }

    @Test func aRunIsPutForward() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: ubuntu-latest, steps: [{run: echo a}]}")
        try sandbox.shell("git add -A; git commit -qm more")
        #expect(try sandbox.plue("run", "--detach").code == 0)
        #expect(try sandbox.plue("run", "--detach", "--priority", "-3").code == 0)
        #expect(try sandbox.plue("run", "--detach", "--priority", "101").code == 64)
        #expect(try sandbox.plue("run", "--priority", "1").code == 64)
        func order() throws -> [Int?] {
            try sandbox.plue("queue", "list", "--json").records.map { $0?["run"] as? Int }
        }
        #expect(try order() == [1, 2])
        #expect(try sandbox.plue("queue", "prioritize", "2", "--priority", "100").code == 0)
        #expect(try order() == [2, 1])
        #expect(try sandbox.plue("queue", "prioritize", "2", "--priority=-101").code == 64)
        #expect(try sandbox.plue("queue", "prioritize", "9", "--priority", "1").code == 64)
        #expect(try sandbox.plue("cancel", "1").code == 0)
        #expect(try sandbox.plue("queue", "prioritize", "1", "--priority", "1").code != 0)
        #expect(try sandbox.plue("doctor").code == 0)
    }
}
