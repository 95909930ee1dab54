import Foundation
import Testing

/// What steps do to the host and see of it, with the real program.
@Suite struct HardeningTests {
    /// Processes whose command line has the word.
    private func processes(_ word: String) -> [Int32] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap(Int32.init) ?? []
        return numbers.filter { pid in
            FileManager.default.contents(atPath: "/proc/\(pid)/cmdline")?.range(of: Data(word.utf8)) != nil
        }
    }

    /// It leaves its session, loses its parents and its environment; nothing tells whose it is.
    @Test func aDaemonThatHidesEndsWithTheRun() throws {
        let sandbox = try Sandbox()
        let word = "600.\(UInt32.random(in: 100_000...999_999))"
        try sandbox.workflow(
            """
              a:
                runs-on: x
                steps:
                  - run: "(setsid env -i /bin/bash -c '(setsid /bin/sleep \(word) &) ; exit' &) ; sleep 0.5"
                  # Processes of others come and go, and grep must not find itself.
                  - run: test -n "$(grep -lsz '[6]\(word.dropFirst())' /proc/[0-9]*/cmdline)"
              b: {runs-on: x, steps: [{run: "sleep 1; echo fine"}]}
            """)
        let result = try sandbox.plue("run")
        #expect(result.code == 0, "it lives as long as its job: \(result)")
        #expect(sandbox.wait { processes(word).isEmpty }, "\(processes(word))")
    }

    /// Nothing tells whose the processes are, but that there is one job.
    @Test func aBombThatHidesIsEnded() throws {
        let sandbox = try Sandbox()
        let word = "600.\(UInt32.random(in: 100_000...999_999))"
        try sandbox.write(
            "bomb",
            """
            if [ $1 -gt 0 ]; then
                for n in 1 2; do ( setsid env -i /bin/bash $0 $(($1 - 1)) & ); done
            fi
            exec /bin/sleep \(word)
            """)
        try sandbox.workflow(
            "  a: {runs-on: x, steps: [{run: bash $PWD/bomb 10}, {if: always(), run: touch $HOME/mark}]}\n")
        let result = try sandbox.plue("run", "--max-processes", "150")
        #expect(result.code == 1 && (result.out + result.err).contains("may have 150 processes"), "\(result)")
        #expect(sandbox.wait { processes(word).isEmpty }, "\(processes(word).count) left")
        #expect(!FileManager.default.fileExists(atPath: "\(sandbox.root)/mark"))
        #expect(try sandbox.plue("view", "--json").out.contains("process_limit"))
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo on}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("run", "--max-processes=-1").code == 64)
        #expect(try sandbox.plue("run", "--max-processes=9223372036854775807").code == 64)
    }

    /// Adopted processes that have ended are waited for while their job goes on.
    @Test func noZombiesStay() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a:
                runs-on: x
                steps:
                  - run: for n in $(seq 20); do ( sleep 0.1 & ); done
                  - run: |
                      for n in $(seq 300); do
                        left=$(cat /proc/[0-9]*/stat 2> /dev/null | grep -c "^[0-9]* (sleep) Z $PPID " || true)
                        [ "$left" != 0 ] || exit 0
                        sleep 0.1
                      done
                      exit 1
            """)
        let result = try sandbox.plue("run")
        #expect(result.code == 0, "\(result)")
    }

    /// The log ends with a notice, the step goes on, and memory does not grow with what it writes.
    @Test func outputWithoutEnd() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a:
                runs-on: x
                outputs: {o: "${{ steps.s.outputs.o }}"}
                steps: [{id: s, run: "timeout 5 yes || true; echo o=1 >> $GITHUB_OUTPUT"}]
              b: {needs: a, runs-on: x, steps: [{run: "echo o is ${{ needs.a.outputs.o }}"}]}
              c: {runs-on: x, steps: [{run: "for n in $(seq 20); do echo $n; sleep 0.1; done"}]}
            """)
        let program = """
            import os, subprocess, sys
            process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
            status, use = os.wait4(process.pid, 0)[1:]
            print(status, use.ru_maxrss)
            """
        let result = try Command(
            "/usr/bin/env", ["python3", "-c", program, Binary.path, "run", "--progress", "quiet"],
            in: sandbox.repository, environment: sandbox.environment
        ).finish()
        let last = result.out.split(separator: "\n").last?.split(separator: " ").compactMap { Int($0) } ?? []
        try #require(last.count == 2, "\(result.err.suffix(500))")
        #expect(last[0] == 0 && last[1] < 256 << 10, "\(last[1]) KiB")
        #expect(try sandbox.plue("logs", "--job", "b").out.contains("o is 1"))
        let log = try sandbox.plue("logs", "--job", "a").out
        #expect(log.utf8.count < 66 << 20, "\(log.utf8.count)")
        let isCut = log.suffix(300).contains("the rest of it is left out")
        #expect(log.utf8.count < 60 << 20 || isCut)
        #expect(try sandbox.plue("logs", "--job", "c").out.split(separator: "\n").count >= 20)
    }

    private static let key = String(repeating: "5e", count: 32)
    private static let foreign = [
        "PGPASSWORD": "pg-secret", "PLUE_ROOT_KEY": key, "PLUE_ANY": "any-secret",
        "GITHUB_TOKEN": "gh-secret",
        "AWS_SECRET_ACCESS_KEY": "aws-secret", "BUILD_FLAVOUR": "vanilla", "LC_TIME": "C",
    ]
    private static let dump = "  a: {runs-on: ubuntu-latest, steps: [{run: \"env > $HOME/seen; echo ok\"}]}\n"

    private func seen(_ sandbox: Sandbox) -> [String: String] {
        var seen: [String: String] = [:]
        for line in sandbox.text("seen").split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { seen[parts[0]] = parts[1] }
        }
        return seen
    }

    /// One's own jobs see what one's own shell has, but nothing of plue's; with `--strict` what is named.
    @Test func whatAJobOfOnesOwnInherits() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.dump)
        #expect(try sandbox.plue("run", with: Self.foreign).code == 0)
        var seen = seen(sandbox)
        #expect(seen["BUILD_FLAVOUR"] == "vanilla" && seen["PLUE_ROOT_KEY"] == nil && seen["PLUE_ANY"] == nil)
        #expect(seen["GITHUB_TOKEN"] == nil && seen["HOME"] == sandbox.root)
        #expect(try sandbox.plue("run", "--strict", "--inherit", "BUILD_*", with: Self.foreign).code == 0)
        seen = self.seen(sandbox)
        #expect(seen["BUILD_FLAVOUR"] == "vanilla" && seen["LC_TIME"] == "C" && seen["HOME"] == sandbox.root)
        #expect(seen.values.allSatisfy { !$0.contains("-secret") && !$0.contains(Self.key) }, "\(seen)")
        #expect(seen["XDG_DATA_HOME"] == nil)
    }

    /// Jobs of a server may be anyone's: they see nothing of its environment that is not plain or named.
    @Test func whatAJobOfAServerInherits() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.dump)
        try sandbox.shell("git add -A; git commit -qm more")
        for (options, flavour) in [([], nil), (["--inherit", "BUILD_FLAVOUR"], "vanilla")] as [([String], String?)] {
            #expect(try sandbox.plue("run", "--detach").code == 0)
            let server = try Command(
                Binary.path, ["runner", "start", "--ephemeral"] + options, in: sandbox.repository,
                environment: sandbox.environment.merging(Self.foreign) { $1 })
            #expect(try server.finish().code == 0)
            let seen = seen(sandbox)
            #expect(seen["HOME"] == sandbox.root && seen["BUILD_FLAVOUR"] == flavour, "\(seen)")
            #expect(seen.values.allSatisfy { !$0.contains("-secret") && !$0.contains(Self.key) }, "\(seen)")
        }
    }

    @Test func variablesThatDecideWhatRunsAreAudited() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            "  a: {runs-on: x, steps: [{run: \"printf 'LD_X=hidden1\\\\nGIT_X=hidden2\\\\nLD_X=again\\\\n' >> $GITHUB_ENV\"}]}\n"
        )
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("run", "--strict").code == 0)
        let exported = try sandbox.plue("audit", "export").out
        let rows = exported.split(separator: "\n").filter { $0.contains("job.environment") }
        #expect(rows.count == 4 && rows.allSatisfy { $0.contains("LD_X") || $0.contains("GIT_X") }, "\(exported)")
        #expect(rows.filter { $0.contains("denied") }.count == 2 && !exported.contains("hidden"), "\(rows)")
        try sandbox.workflow(
            "  a: {runs-on: x, steps: [{run: \"echo /p >> $GITHUB_PATH; echo NODE_OPTIONS=x >> $GITHUB_ENV\"}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("run", "--strict").code == 0)
        let later = try sandbox.plue("audit", "list", "--action", "job.environment", "--json").records
        let told = later.dropLast(4).map { row in
            let after = (row?["body"] as? [String: Any])?["after"] as? [String: Any]
            return "\(after?["variable"] ?? "") \(row?["outcome"] ?? "")"
        }
        #expect(told.sorted() == ["GITHUB_PATH success", "NODE_OPTIONS denied", "NODE_OPTIONS denied"], "\(later)")
    }

    /// Whoever writes a link into a repository may not read where it leads.
    @Test func linksOutOfTheRepository() throws {
        let sandbox = try Sandbox()
        try sandbox.write("../outside.yml", "canary-outside\n")
        try sandbox.write("../called.yml", "on: workflow_call\njobs: {a: {runs-on: x, steps: [{run: echo called}]}}\n")
        try sandbox.write("in/inside.yml", "runs: {using: composite, steps: [{run: echo inside, shell: bash}]}\n")
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo fine}]}\n")
        try sandbox.shell("ln -s ../../../outside.yml .github/workflows/out.yml")
        for result in [try sandbox.plue("validate"), try sandbox.plue("run", "-W", ".github/workflows/out.yml")] {
            #expect(result.code != 0 && !(result.out + result.err).contains("canary"), "\(result)")
            #expect((result.out + result.err).contains("leads out of the repository"), "\(result)")
        }
        try sandbox.shell("rm .github/workflows/out.yml; mkdir act own; ln -s ../../outside.yml act/action.yml")
        try sandbox.shell("ln -s ../in/inside.yml own/action.yml; ln -s ../../../called.yml .github/workflows/link.yml")
        try sandbox.workflow("  a: {runs-on: x, steps: [{uses: ./act}]}\n")
        let action = try sandbox.plue("run")
        #expect(action.code != 0 && !(action.out + action.err).contains("canary"), "\(action)")
        #expect((action.out + action.err).contains("leads out of the repository"), "\(action)")
        try sandbox.workflow("  a: {uses: ./.github/workflows/link.yml}\n")
        let call = try sandbox.plue("run")
        #expect(call.code != 0 && (call.out + call.err).contains("leads out of the repository"), "\(call)")
        try sandbox.shell("rm .github/workflows/link.yml")
        try sandbox.workflow("  a: {runs-on: x, steps: [{uses: ./own}]}\n")
        #expect(try sandbox.plue("run").code == 0, "within the repository a link is fine")
    }

    /// No core dump, and nothing for other processes of the user: neither what plue was started with, nor its memory.
    @Test func otherProcessesOfTheUserSeeNothingOfPlue() throws {
        guard geteuid() == 0 else { return }  // It is started as somebody else.
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a:
                runs-on: x
                steps:
                  - run: |
                      ! cat /proc/$PPID/environ || exit 1
                      ! head -c 1 /proc/$PPID/mem || exit 1
                      ! ls /proc/$PPID/fd || exit 1
                      ulimit -c unlimited
                      cat /proc/$PPID/limits | grep '^Max core file size *0 '
                      cat /proc/self/environ > /dev/null
            """)
        try sandbox.shell("chmod 755 ..; chown -R 65534:65534 ..")
        let result = try sandbox.start(
            "run", with: ["PLUE_ANY": "any-secret"],
            wrapped: ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        ).finish()
        #expect(result.code == 0, "\(result)")
    }

    /// A step's script may hold secrets, and what it writes for others too.
    @Test func otherUsersDoNotSeeTheFilesOfSteps() throws {
        guard geteuid() == 0 else { return }  // Nobody else to be.
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a:
                runs-on: x
                steps:
                  - run: |
                      nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
                      nobody ls $GITHUB_WORKSPACE
                      ! nobody ls $RUNNER_TEMP && ! nobody cat $0 && ! nobody cat $GITHUB_ENV
            """)
        try sandbox.shell("chmod 755 ..; chmod -R a+rX ..")
        let result = try sandbox.plue("run")
        #expect(result.code == 0, "\(result)")
    }

    /// Neither the program nor a step has what plue was given for itself.
    @Test func noStepInheritsPluesOwnVariables() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: \"tr '\\\\0' '\\\\n' < /proc/self/environ\"}]}\n")
        let result = try sandbox.plue(
            "run", "--json", with: ["PLUE_ROOT_KEY": Self.key, "PLUE_ANY": "4f5b-secret"])
        #expect(
            result.code == 0 && !result.out.contains("4f5b-secret") && !result.out.contains(Self.key)
                && !result.out.contains("PLUE_"), "\(result)")
    }
}
