import Foundation
import Testing

/// `plue runner start`: jobs of detached runs, servers that end and that die.
@Suite struct RunnerServerTests {
    private static let text = """
          a:
            runs-on: ubuntu-latest
            outputs: {x: "${{ steps.s.outputs.x }}"}
            steps:
              - uses: actions/checkout@v4
              - {id: s, run: "git status --short; cat file; echo x=5 >> $GITHUB_OUTPUT"}
          b:
            needs: a
            runs-on: [self-hosted, Linux]
            strategy: {matrix: {n: [1, 2, 3]}}
            steps: [{run: "echo ${{ matrix.n }}-${{ needs.a.outputs.x }}; touch $HOME/b${{ matrix.n }}"}]
        """

    private func commit(_ sandbox: Sandbox, _ text: String) throws {
        try sandbox.workflow(text)
        try sandbox.write("file", "committed\n")
        try sandbox.shell("git add -A; git commit -qm more")
    }

    private func hasEnded(_ sandbox: Sandbox, _ word: String = "passed") -> Bool {
        sandbox.wait { (try? sandbox.plue("runs").out.contains(word)) == true }
    }

    /// As if that long had passed without a word of any runner.
    private func expireLeases(_ sandbox: Sandbox) throws {
        let script =
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1],timeout=30); c.execute('UPDATE actions_leases SET lease_until=1'); c.commit()"
        _ = try Command(
            "/usr/bin/env", ["python3", "-c", script, sandbox.database], in: sandbox.root,
            environment: sandbox.environment
        ).finish()
    }

    @Test func aServerRunsTheCommitAndDrains() throws {
        let sandbox = try Sandbox()
        try commit(sandbox, Self.text)
        try sandbox.write("file", "changed\n")
        let detached = try sandbox.plue("run", "--detach")
        #expect(detached.code == 0 && detached.out == "1\n" && detached.err.contains("changes"), "\(detached)")
        let server = try sandbox.start("runner", "start", "--concurrent-jobs", "2")
        #expect(hasEnded(sandbox))
        let listed = try sandbox.plue("runner", "list", "--json").records
        #expect(listed.count == 1 && listed.first??["status"] as? String == "online", "\(listed)")
        server.signal(SIGTERM)
        let result = try server.finish()
        #expect(result.code == 0, "\(result)")
        let log = try sandbox.plue("logs", "1").out
        #expect(log.contains("committed") && log.contains("3-5") && !log.contains("changed"), "\(log)")
        #expect(try sandbox.plue("runner", "list").out.isEmpty)
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(sandbox.root)/cache/plue/work")
        #expect(sandbox.processes().isEmpty && left.isEmpty, "\(left)")
        let refused = try sandbox.plue("run", "--detach", "-s", "A=b")
        #expect(refused.code == 64 && refused.err.contains("-s"))
    }

    @Test func aServerThatDiesLosesNothing() throws {
        let sandbox = try Sandbox()
        try commit(
            sandbox,
            """
              a:
                runs-on: ubuntu-latest
                steps: [{run: "echo $$ >> $HOME/began; test -e $HOME/go || sleep 300; echo done"}]
              b: {needs: a, runs-on: ubuntu-latest, steps: [{run: echo after}]}
            """)
        _ = try sandbox.plue("run", "--detach")
        let first = try sandbox.start("runner", "start")
        #expect(sandbox.wait { !sandbox.text("began").isEmpty })
        first.signal(SIGKILL)
        _ = try first.finish()
        try "".write(toFile: "\(sandbox.root)/go", atomically: true, encoding: .utf8)
        // The next command of this host ends what the dead server's steps still do.
        _ = try sandbox.plue("runs")
        #expect(sandbox.wait { sandbox.processes().isEmpty })
        let second = try sandbox.start("runner", "start")
        usleep(300_000)
        #expect(sandbox.text("began").split(separator: "\n").count == 1, "its lease holds")
        try expireLeases(sandbox)
        #expect(hasEnded(sandbox))
        #expect(sandbox.text("began").split(separator: "\n").count == 2)
        second.signal(SIGINT)
        #expect(try second.finish().code == 0)
        #expect(try sandbox.plue("doctor").code == 0)
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(sandbox.root)/data/plue/runners")
        #expect(left.isEmpty, "\(left)")
    }

    /// The second Ctrl-C kills what runs; nobody cancelled the run.
    @Test func aStoppedServerGivesItsJobsBack() throws {
        let sandbox = try Sandbox()
        try commit(
            sandbox,
            "  a: {runs-on: ubuntu-latest, steps: [{run: \"echo x >> $HOME/began; test -e $HOME/go || sleep 300\"}]}\n")
        _ = try sandbox.plue("run", "--detach")
        let first = try sandbox.start("runner", "start")
        #expect(sandbox.wait { !sandbox.text("began").isEmpty })
        first.signal(SIGTERM)
        usleep(300_000)
        first.signal(SIGTERM)
        _ = try first.finish()
        #expect(sandbox.wait { sandbox.processes().isEmpty })
        let queued = try sandbox.plue("queue", "list", "--json").records
        #expect(queued.count == 1)
        try "".write(toFile: "\(sandbox.root)/go", atomically: true, encoding: .utf8)
        let second = try sandbox.start("runner", "start")
        #expect(hasEnded(sandbox))
        second.signal(SIGINT)
        #expect(try second.finish().code == 0)
        #expect(try sandbox.plue("view", "1").out.contains("passed"))
        #expect(try sandbox.plue("doctor").code == 0)
    }

    @Test func aJobThatWasTakenBackIsNamed() throws {
        let sandbox = try Sandbox()
        let step = "echo x >> $HOME/began; test -e $HOME/go || sleep 300"
        try commit(sandbox, "  a: {name: Slow one, runs-on: ubuntu-latest, steps: [{run: \"\(step)\"}]}\n")
        _ = try sandbox.plue("run", "--detach")
        let server = try sandbox.start("runner", "start", "--concurrent-jobs", "1")
        #expect(sandbox.wait { !sandbox.text("began").isEmpty })
        try sandbox.write("../go", "")
        try expireLeases(sandbox)
        #expect(sandbox.wait { server.err.contains("job Slow one of run 1 was taken back: its lease ended") })
        #expect(hasEnded(sandbox), "\(server.err)")
        server.signal(SIGINT)
        #expect(try server.finish().code == 0)
    }

    @Test func aRunnerThatWasTakenAwayIsNamed() throws {
        let sandbox = try Sandbox()
        try commit(
            sandbox, "  a: {name: Slow one, runs-on: ubuntu-latest, steps: [{run: touch $HOME/began; sleep 300}]}\n")
        _ = try sandbox.plue("run", "--detach")
        let server = try sandbox.start("runner", "start", "--name", "w1")
        #expect(sandbox.wait { sandbox.exists("../began") })
        #expect(try sandbox.plue("runner", "remove", "1").code == 0)
        #expect(sandbox.wait { server.err.contains("runner w1 was taken away") })
        #expect(try server.finish().err.contains("job Slow one of run 1 ends with its runner"))
        #expect(sandbox.wait { sandbox.processes().isEmpty })
    }

    /// Nobody else would see what it stores.
    @Test func aServerWhoseDatabaseIsGoneEnds() throws {
        let sandbox = try Sandbox()
        try commit(
            sandbox,
            "  a: {runs-on: ubuntu-latest, steps: [{run: \"echo x >> $HOME/began; sleep 300\"}]}\n")
        _ = try sandbox.plue("run", "--detach")
        let server = try sandbox.start("runner", "start")
        #expect(sandbox.wait { !sandbox.text("began").isEmpty })
        try sandbox.shell("rm $HOME/data/plue/plue.db*")
        let result = try server.finish()
        #expect(result.code == 6 && result.err.contains("plue.db was removed while it was in use"), "\(result)")
        #expect(sandbox.wait { sandbox.processes().isEmpty })
    }

    /// Also one that drains, as a just-in-time runner does from its job on.
    @Test func aRunnerThatIsSilentIsOffline() throws {
        let sandbox = try Sandbox()
        try commit(sandbox, "  a: {runs-on: ubuntu-latest, steps: [{run: \"echo x >> $HOME/began; sleep 300\"}]}\n")
        _ = try sandbox.plue("run", "--detach")
        let config = try sandbox.plue("runner", "jit", "once", "--label", "ubuntu-latest")
        try sandbox.write("../config", config.out)
        let server = try sandbox.start("runner", "start", "--jitconfig", "@\(sandbox.root)/config")
        #expect(sandbox.wait { !sandbox.text("began").isEmpty })
        #expect(try sandbox.plue("runner", "list").out.contains("draining"))
        server.signal(SIGKILL)
        _ = try server.finish()
        let script =
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1],timeout=30); c.execute('UPDATE actions_runner_heartbeats SET last_seen=1'); c.commit()"
        _ = try Command(
            "/usr/bin/env", ["python3", "-c", script, sandbox.database], in: sandbox.root,
            environment: sandbox.environment
        ).finish()
        let listed = try sandbox.plue("runner", "list")
        #expect(listed.out.contains("offline") && !listed.out.contains("draining"), "\(listed)")
        #expect(try sandbox.plue("runner", "pause", "1", "--reason", "lost").code == 0)
        #expect(try sandbox.plue("runner", "list").out.contains("offline, paused: lost"))
        #expect(sandbox.wait { sandbox.processes().isEmpty })
    }

    @Test func drainedAndRemovedRunnersEndTheirServer() throws {
        let sandbox = try Sandbox()
        try commit(sandbox, Self.text)
        let server = try sandbox.start("runner", "start", "--name", "one")
        #expect(sandbox.wait { (try? sandbox.plue("runner", "list").out.contains("online")) == true })
        let pause = try sandbox.plue("runner", "pause", "1", "--reason", "disk full")
        #expect(pause.code == 0, "\(pause)")
        #expect(try sandbox.plue("runner", "list").out.contains("paused: disk full"))
        #expect(try sandbox.plue("runner", "resume", "1").code == 0)
        #expect(try sandbox.plue("runner", "remove", "9").code != 0)
        server.signal(SIGINT)
        #expect(try server.finish().code == 0)
        _ = try sandbox.plue("run", "--detach")
        let once = try sandbox.start("runner", "start", "--ephemeral")
        #expect(try once.finish().code == 0)
        #expect(once.err.contains("✓ run 1  a") && !once.err.contains("b (1)"), "\(once.err)")
        let token = try sandbox.plue("runner", "token")
        #expect(token.out.hasPrefix("plue_reg_"))
        let text = token.out.trimmingCharacters(in: .whitespacesAndNewlines)
        let named = try sandbox.start("runner", "start", "--token", text)
        #expect(sandbox.wait { (try? sandbox.plue("runner", "list").out.contains("online")) == true })
        let again = try sandbox.plue("runner", "start", "--token", text)
        #expect(again.code == 4 && again.err.contains("was used"), "\(again)")
        named.signal(SIGINT)
        #expect(try named.finish().code == 0)
    }
}
