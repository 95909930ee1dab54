import Foundation
import Testing

/// `plue runner group`, `move`, `jit`.
@Suite struct RunnerGroupVerbTests {
    private static let text = "  a: {runs-on: {group: Gpu, labels: big}, steps: [{run: echo hi}]}\n"

    private func started(_ sandbox: Sandbox, _ text: String) throws {
        try sandbox.workflow(text)
        try sandbox.shell("git add -A; git commit -qm more")
        let detached = try sandbox.plue("run", "--detach")
        #expect(detached.code == 0, "\(detached)")
    }

    @Test func aGroupIsMadeChangedAndRemoved() throws {
        let sandbox = try Sandbox()
        try started(sandbox, Self.text)
        #expect(try sandbox.plue("runner", "group", "list").out.isEmpty)
        #expect(try sandbox.plue("runner", "group", "create", "gpu", "--visibility", "selected").code == 0)
        let twice = try sandbox.plue("runner", "group", "create", "GPU")
        #expect(twice.code != 0 && twice.err.contains("already"), "\(twice)")
        #expect(try sandbox.plue("runner", "group", "create", "x", "--visibility", "some").code == 64)
        #expect(try sandbox.plue("runner", "group", "repositories", "gpu", "--add", sandbox.repository).code == 0)
        let set = try sandbox.plue(
            "runner", "group", "set", "gpu", "--allow-public", "--workflow", "o/n/.github/workflows/x.yml@main")
        #expect(set.code == 0, "\(set)")
        let listed = try sandbox.plue("runner", "group", "list", "--json").records
        #expect(listed.first??["visibility"] as? String == "selected" && listed.count == 1)
        #expect(listed.first??["allows_public_repositories"] as? Bool == true)
        #expect(listed.first??["repositories"] as? [Int] == [1])
        let shown = try sandbox.plue("runner", "group", "list").out
        #expect(shown.contains("o/n/.github/workflows/x.yml@main"), "\(shown)")
        let server = try sandbox.start("runner", "start", "--label", "big", "--group", "GPU", "--concurrent-jobs", "3")
        #expect(sandbox.wait { (try? sandbox.plue("runner", "list").out.contains("online")) == true })
        let runners = try sandbox.plue("runner", "list").out
        #expect(runners.contains("gpu") && runners.contains("0/3") && runners.contains("linux"), "\(runners)")
        let why = try sandbox.plue("why", "1", "a").out
        #expect(
            why.contains("in the group gpu, which does not take") && why.contains("does not take this workflow"),
            "\(why)")
        #expect(try sandbox.plue("runner", "move", "1").code == 0)
        #expect(try sandbox.plue("why", "1").out.contains("no runner of group gpu"))
        #expect(try sandbox.plue("runner", "move", "1", "gpu").code == 0)
        #expect(try sandbox.plue("runner", "group", "set", "gpu", "--any-workflow").code == 0)
        #expect(sandbox.wait { (try? sandbox.plue("runs").out.contains("passed")) == true })
        #expect(try sandbox.plue("runner", "group", "remove", "gpu").code == 0)
        let gone = try sandbox.plue("runner", "group", "remove", "gpu")
        #expect(gone.code != 0 && gone.err.contains("no such group"), "\(gone)")
        server.signal(SIGINT)
        #expect(try server.finish().code == 0)
        #expect(try sandbox.plue("doctor").code == 0)
    }

    @Test func aJustInTimeRunnerTakesOneJob() throws {
        let sandbox = try Sandbox()
        try started(sandbox, "  a: {runs-on: [self-hosted, big], steps: [{run: echo hi}]}\n")
        let made = try sandbox.plue("runner", "jit", "once", "--label", "big")
        #expect(made.code == 0, "\(made)")
        try sandbox.write("../config", made.out)
        let file = "@\(sandbox.repository)/../config"
        let mixed = try sandbox.plue("runner", "start", "--jitconfig", file, "--name", "x")
        #expect(mixed.code == 64)
        let server = try sandbox.start("runner", "start", "--jitconfig", file)
        let result = try server.finish()
        #expect(result.code == 0 && server.err.contains("✓ run 1  a"), "\(server.err)")
        #expect(try sandbox.plue("runner", "list").out.isEmpty)
        let again = try sandbox.plue("runner", "start", "--jitconfig", file)
        #expect(again.code == 4 && again.err.contains("make a new one"), "\(again)")
        let none = try sandbox.plue("runner", "start", "--jitconfig", "nonsense")
        #expect(none.code != 0 && !none.err.contains("nonsense"), "\(none)")
    }
}
