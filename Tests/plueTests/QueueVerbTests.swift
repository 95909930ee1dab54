import Foundation
import Testing

/// `plue why` and `plue queue`.
@Suite struct QueueVerbTests {
    private static let text = """
          a: {runs-on: [self-hosted, gpu], steps: [{run: echo a}]}
          b: {needs: a, runs-on: ubuntu-latest, steps: [{run: echo b}]}
          c: {runs-on: ubuntu-latest, steps: [{run: echo c}]}
        """

    @Test func whyAndTheQueue() throws {
        let sandbox = try Sandbox()
        #expect(try sandbox.plue("why").code == 64)
        try sandbox.workflow(Self.text)
        try sandbox.shell("git add -A; git commit -qm more")
        for option in [["--concurrent-jobs", "2"], ["-w"], ["-s", "A=b"]] {
            let refused = try Command(
                Binary.path, ["run", "--detach"] + option, in: sandbox.repository, environment: sandbox.environment
            ).finish()
            #expect(refused.code == 64 && refused.err.contains("a detached run does not have it"), "\(refused)")
        }
        #expect(try sandbox.plue("run", "--detach").code == 0)
        let why = try sandbox.plue("why", "1")
        #expect(why.code == 0 && why.out.contains("needs a (queued)"), "\(why)")
        #expect(why.out.contains("no runner is registered for its repository"), "\(why)")
        #expect(try sandbox.plue("why", "1", "nope").code == 64)
        #expect(try sandbox.plue("why", "9").code == 64)

        let listed = try sandbox.plue("queue", "list")
        #expect(listed.code == 0 && listed.out.contains("gpu, self-hosted"), "\(listed)")
        let entries = try sandbox.plue("queue", "list", "--json").records
        #expect(entries.compactMap { $0?["name"] as? String }.sorted() == ["a", "c"], "\(entries)")
        #expect(entries.compactMap { $0?["position"] as? Int } == [1, 1])

        let pause = try sandbox.plue("queue", "pause", "disk full")
        #expect(pause.code == 0, "\(pause)")
        #expect(try sandbox.plue("queue", "list").err.contains("the queue is paused since"))
        #expect(try sandbox.plue("why").out.contains("the queue is paused by octocat: disk full"))
        let server = try sandbox.start("runner", "start", "--name", "one")
        #expect(sandbox.wait { (try? sandbox.plue("runner", "list").out.contains("online")) == true })
        let alone = try sandbox.plue("why", "1", "a", "--json")
        let record = try #require(
            try JSONSerialization.jsonObject(with: Data(alone.out.utf8)) as? [String: Any], "\(alone)")
        let job = try #require((record["jobs"] as? [[String: Any]])?.first)
        #expect(job["reason"] as? String == "paused" && (job["runners"] as? [Any])?.count == 1, "\(alone)")
        #expect(try sandbox.plue("why", "1", "a").out.contains("it lacks the labels gpu"))
        #expect(try sandbox.plue("runs").out.contains("queued"))
        #expect(try sandbox.plue("queue", "resume").code == 0)
        #expect(try sandbox.plue("queue", "resume").code == 64)
        #expect(sandbox.wait { (try? sandbox.plue("why", "1", "c").out.contains("has ended: success")) == true })
        let nearest = try sandbox.plue("why", "1")
        #expect(nearest.out.contains("no runner has the label gpu; nearest is one, which lacks gpu"), "\(nearest)")

        let local = try sandbox.plue("queue", "pause", "--repository", sandbox.repository, "mine")
        #expect(local.code == 0, "\(local)")
        #expect(try sandbox.plue("queue", "resume", "--repository", "1").code == 0)
        #expect(try sandbox.plue("queue", "pause", "--repository", "no/such", "x").code == 64)
        #expect(try sandbox.plue("cancel", "1").code == 0)
        server.signal(SIGINT)
        #expect(try server.finish().code == 0)
        let ended = try sandbox.plue("why", "1")
        #expect(ended.code == 0 && ended.err.contains("run 1 has ended"), "\(ended)")
    }
}
