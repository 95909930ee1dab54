import Foundation
import Testing

/// Ctrl-C, `kill -9`, and what stands in the database afterwards.
@Suite struct InterruptTests {
    private func isUp(_ sandbox: Sandbox, _ name: String = "up") -> Bool {
        sandbox.wait { FileManager.default.fileExists(atPath: "\(sandbox.root)/\(name)") }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func theFirstLetsAlwaysStepsRun(_ number: Int32) throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a:
                runs-on: x
                steps:
                  - run: sleep 300 & touch $HOME/up; sleep 300
                  - run: touch $HOME/never
                  - {if: always(), run: touch $HOME/cleaned}
              b: {needs: a, runs-on: x, steps: [{run: touch $HOME/never}]}
              c: {needs: a, if: always(), runs-on: x, steps: [{run: touch $HOME/after}]}
            """)
        let run = try sandbox.start("run", "--json")
        #expect(isUp(sandbox))
        run.signal(number)
        let result = try run.finish()
        #expect(result.code == 2, "\(result)")
        #expect(!result.records.contains { $0 == nil })
        #expect(result.records("run.finished").first?["conclusion"] as? String == "cancelled")
        for (name, exists) in [("cleaned", true), ("after", true), ("never", false)] {
            #expect(FileManager.default.fileExists(atPath: "\(sandbox.root)/\(name)") == exists, "\(name)")
        }
        #expect(sandbox.processes().isEmpty)
        #expect(try sandbox.plue("runs").out.contains("cancelled"))
    }

    @Test func theSecondKills() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            "  a: {runs-on: x, steps: [{run: \"trap '' INT TERM; touch $HOME/up; while true; do sleep 1; done\"}]}\n")
        let run = try sandbox.start("run")
        #expect(isUp(sandbox))
        run.signal(SIGINT)
        #expect(sandbox.wait { (try? sandbox.plue("view", "--json").out.contains("cancelled_by_user")) == true })
        run.signal(SIGINT)
        let result = try run.finish()
        #expect(result.code == 130, "\(result)")
        #expect(sandbox.processes().isEmpty)
        #expect(try sandbox.plue("runs").out.contains("cancelled"))
    }

    @Test func aKilledRunIsLostAndALiveOneUntouched() throws {
        let sandbox = try Sandbox()
        let text = """
              a: {runs-on: x, steps: [{run: "echo one"}]}
              b:
                needs: a
                runs-on: x
                steps: [{run: "echo NAME; touch $HOME/NAME; (setsid sleep 300 &); until test -e $HOME/go; do sleep 0.1; done"}]
            """
        try sandbox.workflow(text.replacing("NAME", with: "dead"))
        try sandbox.shell(
            """
            mkdir -p ../live/.github/workflows; cd ../live; git init -q -b main
            git -c user.name=o -c user.email=o commit -q --allow-empty -m x
            """)
        try sandbox.write(
            "../live/.github/workflows/ci.yml", "on: push\njobs:\n" + text.replacing("NAME", with: "live"))
        let dead = try sandbox.start("run")
        let live = try sandbox.start("run", "-C", "\(sandbox.root)/live", "--json")
        #expect(isUp(sandbox, "dead") && isUp(sandbox, "live"))
        // What is stored by now stays; what a step writes is stored within a moment, not at once.
        #expect(sandbox.wait { (try? sandbox.plue("logs", "--job", "b").out.contains("dead")) == true })
        dead.signal(SIGKILL)
        #expect(try dead.finish().code == 128 + SIGKILL)
        let listed = try sandbox.plue("runs")
        #expect(listed.code == 0 && listed.out.contains("runner lost"), "\(listed)")
        #expect(try sandbox.plue("logs", "--job", "b").out.contains("dead"))
        let view = try sandbox.plue("view", "--json")
        #expect(view.out.contains("runner_lost"), "\(view.out)")
        // Only the live run's processes are left.
        for pid in sandbox.processes() {
            let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
            let isOfDead = environment.range(of: Data("GITHUB_REPOSITORY=local/repo".utf8)) != nil
            #expect(!isOfDead, "\(pid)")
        }
        try sandbox.write("../go", "")
        let result = try live.finish()
        #expect(result.code == 0, "\(result)")
        #expect(try sandbox.plue("rerun", "--failed").code == 0)
        #expect(try sandbox.integrity() == "ok")
        #expect(sandbox.wait { sandbox.processes().isEmpty })
    }

    @Test func runsOfTwoRepositoriesOnOneDatabase() throws {
        let sandbox = try Sandbox()
        let text =
            "on: push\njobs:\n  m: {runs-on: x, strategy: {matrix: {a: [1, 2, 3, 4, 5, 6]}}, steps: [{run: \"echo $GITHUB_REPOSITORY\"}]}\n"
        var started: [(String, Command)] = []
        for name in ["one", "two", "three"] {
            try sandbox.shell(
                """
                mkdir -p ../\(name)/.github/workflows; cd ../\(name); git init -q -b main
                git -c user.name=o -c user.email=o commit -q --allow-empty -m x
                """)
            try sandbox.write("../\(name)/.github/workflows/ci.yml", text)
            started.append((name, try sandbox.start("run", "-C", "\(sandbox.root)/\(name)", "--json")))
        }
        for (name, command) in started {
            let result = try command.finish()
            #expect(result.code == 0, "\(result)")
            let texts = result.records("log").compactMap { $0["text"] as? String }
            #expect(texts == Array(repeating: "local/\(name)", count: 6))
        }
    }

    /// The process is killed at its N-th write: what stands is consistent, and work goes on.
    @Test func killedAtAnyWrite() throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/strace") else {
            return  // strace is needed to choose the write.
        }
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a: {runs-on: x, strategy: {matrix: {a: [1, 2]}}, steps: [{run: "echo ${{ matrix.a }}"}]}
              b: {needs: a, runs-on: x, steps: [{run: "echo b"}]}
            """)
        var kills = 0
        for number in [1, 2, 3, 5, 8, 60, 90, 110, 120, 130, 140, 150, 170, 190]
            + (0..<6).map({ _ in Int.random(in: 1...60) })
        {
            let result = try sandbox.start(
                "run",
                wrapped: [
                    "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e",
                    "inject=pwrite64:signal=SIGKILL:when=\(number)",
                ]
            ).finish()
            if result.code != 0 { kills += 1 }
            let listed = try sandbox.plue("runs", "--json")
            #expect(listed.code == 0, "write \(number): \(listed)")
            #expect(!listed.out.contains("\"conclusion\": null"), "write \(number): \(listed.out)")
            #expect(try sandbox.integrity() == "ok", "write \(number)")
        }
        #expect(kills > 5, "\(kills)")
        #expect(try sandbox.plue("run").code == 0)
        #expect(sandbox.wait { sandbox.processes().isEmpty })
    }
}
