import Foundation
import Testing

/// Verbs beside `run`.
@Suite struct VerbTests {
    private static let one = "  a: {runs-on: x, steps: [{run: echo hi}]}\n"

    /// Verbs and flags of the plan that do not exist: nothing may name them, and using one says so.
    private static let absentVerbs = ["shell", "diff", "serve"]
    private static let absentFlags = [("rerun", "--from-step"), ("run", "--pause-on-failure")]

    @Test(arguments: absentVerbs)
    func aVerbThatDoesNotExist(_ verb: String) throws {
        let sandbox = try Sandbox()
        let result = try sandbox.plue(verb, "1", "x")
        #expect(result.code == 64 && result.out.isEmpty)
        #expect(result.err.contains("no command '\(verb)'"), "\(result.err)")
    }

    @Test func flagsThatDoNotExist() throws {
        let sandbox = try Sandbox()
        for (verb, flag) in Self.absentFlags {
            let result = try sandbox.plue(verb, flag)
            #expect(result.code == 64 && result.err.contains("Unknown option '\(flag)'"), "\(result)")
        }
    }

    @Test func noOutputNamesWhatDoesNotExist() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: exit 1}]}\n")
        var text = ""
        for arguments in [
            ["run"], [], ["runs"], ["view"], ["logs"], ["plan"], ["list"], ["--help"], ["run", "--help"],
            ["rerun", "--help"], ["completion", "bash"],
        ] {
            let result = try Command(
                Binary.path, arguments, in: sandbox.repository, environment: sandbox.environment
            ).finish()
            text += result.out + result.err
        }
        for verb in ["shell", "diff", "serve", "doctor", "bench"] {
            #expect(!text.contains("plue \(verb)"), "\(verb)")
        }
        for (_, flag) in Self.absentFlags { #expect(!text.contains(flag), "\(flag)") }
        // What a failed run offers works as it stands.
        let failed = try sandbox.plue("run").err
        let offered = failed.split(separator: "\n").flatMap { line in
            line.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.hasPrefix("plue ") }
        }
        #expect(!offered.isEmpty)
        for line in offered {
            let words = line.split(separator: " ").dropFirst().map(String.init)
            let result = try Command(
                Binary.path, words, in: sandbox.repository, environment: sandbox.environment
            ).finish()
            #expect(result.code != 64, "\(line): \(result)")
        }
    }

    @Test func planStartsNoProcessButGit() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/strace") else {
            return  // strace is needed to see processes.
        }
        let trace = "\(sandbox.root)/trace"
        let result = try sandbox.start(
            "plan", wrapped: ["/usr/bin/strace", "-f", "-qq", "-e", "trace=execve", "-o", trace]
        ).finish()
        #expect(result.code == 0, "\(result)")
        let programs = sandbox.text("trace").split(separator: "\n").filter { $0.contains("execve(\"") }
        #expect(programs.count >= 2)
        for program in programs.dropFirst() { #expect(program.contains("/git\""), "\(program)") }
        #expect(!FileManager.default.fileExists(atPath: sandbox.database))
    }

    @Test func planSaysWhatWouldRunAndWhy() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("on: {push: {branches: [other]}}\njobs:\n" + Self.one)
        let result = try sandbox.plue("plan")
        #expect((result.out + result.err).contains("branches"), "\(result)")
        #expect(result.code == 3)
    }

    @Test func validateInItsFormats() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("validate").code == 0)
        try sandbox.workflow("  a: {runs-on: x, nope: 1, steps: [{run: a}]}\n")
        let text = try sandbox.plue("validate")
        #expect(text.code == 5)
        #expect(
            (text.out + text.err).contains(".github/workflows/ci.yml:3:19: error: Unexpected value 'nope'"), "\(text)")
        for format in ["json", "sarif"] {
            let result = try sandbox.plue("validate", "--format", format)
            #expect(result.code == 5)
            #expect((try? JSONSerialization.jsonObject(with: Data(result.out.utf8))) != nil, "\(format): \(result)")
        }
        #expect(try sandbox.plue("validate", "--format", "x").code == 64)
        #expect(try sandbox.plue("validate", "nowhere.yml").code != 0)
    }

    @Test func graphInItsFormats() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one + "  b: {needs: a, runs-on: x, steps: [{run: a}]}\n")
        for (format, word) in [("ascii", "b"), ("dot", "digraph"), ("mermaid", "-->"), ("svg", "</svg>")] {
            let result = try sandbox.plue("graph", "--format", format)
            #expect(result.code == 0 && result.out.contains(word), "\(format): \(result)")
        }
    }

    @Test func historyVerbsOnAnEmptyDatabase() throws {
        let sandbox = try Sandbox()
        for verb in ["view", "logs", "watch", "rerun"] {
            let result = try sandbox.plue(verb)
            #expect(result.code == 64 && result.err.contains("there is no run yet"), "\(verb): \(result)")
            #expect(try sandbox.plue(verb, "7").code == 64)
        }
        #expect(try sandbox.plue("cancel", "7").code == 64)
        #expect(try sandbox.plue("runs").code == 0)
    }

    @Test func rerunWhatFailed() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a: {runs-on: x, steps: [{run: "echo a >> $HOME/log"}]}
              b: {needs: a, runs-on: x, steps: [{run: "echo b >> $HOME/log; test -e $HOME/good"}]}
              c: {needs: b, runs-on: x, steps: [{run: "echo c >> $HOME/log"}]}
            """)
        #expect(try sandbox.plue("run").code == 1)
        #expect(try sandbox.plue("rerun", "--failed").code == 1)
        try sandbox.write("../good", "")
        #expect(try sandbox.plue("rerun", "--failed").code == 0)
        #expect(sandbox.text("log") == "a\nb\nb\nb\nc\n")
        let nothing = try sandbox.plue("rerun", "--failed")
        #expect(nothing.code == 64 && nothing.err.contains("no job of it is to run again"), "\(nothing)")
        #expect(try sandbox.plue("rerun", "--job", "none").code == 64)
        #expect(try sandbox.plue("rerun", "-j", "c").code == 0)
        #expect(sandbox.text("log") == "a\nb\nb\nb\nc\nc\n")
    }

    @Test func followingTheRunOfAnotherProcess() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            "  a: {runs-on: x, steps: [{run: \"echo one; touch $HOME/up; until test -e $HOME/go; do sleep 0.1; done; echo two\"}]}\n"
        )
        let run = try sandbox.start("run")
        #expect(sandbox.wait { FileManager.default.fileExists(atPath: "\(sandbox.root)/up") })
        let logs = try sandbox.start("logs", "-f", "1")
        let watch = try sandbox.start("watch", "1")
        #expect(sandbox.wait { logs.out == "one\n" }, "\(logs.out)")
        let early = try sandbox.plue("rerun", "1")
        #expect(early.code == 64 && early.err.contains("it has not ended"), "\(early)")
        try sandbox.write("../go", "")
        let followed = try logs.finish()
        #expect(followed.code == 0 && followed.out == "one\ntwo\n", "\(followed)")
        #expect(try watch.finish().code == 0)
        #expect(try run.finish().code == 0)
    }

    @Test func cancellingTheRunOfAnotherProcess() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a:
                runs-on: x
                steps:
                  - run: touch $HOME/up; sleep 300
                  - {if: always(), run: touch $HOME/cleaned}
            """)
        let run = try sandbox.start("run", "--json")
        #expect(sandbox.wait { FileManager.default.fileExists(atPath: "\(sandbox.root)/up") })
        #expect(try sandbox.plue("cancel", "1").code == 0)
        let result = try run.finish()
        #expect(result.code == 2, "\(result)")
        #expect(FileManager.default.fileExists(atPath: "\(sandbox.root)/cleaned"))
        #expect(try sandbox.plue("cancel", "1").code == 64)
    }

    @Test func codesOfTheLinter() throws {
        let result = try Sandbox(git: false).plue("validate", "--codes")
        #expect(result.code == 0 && result.out.contains("\nuntrusted-input  text of an issue"), "\(result)")
        #expect(result.out.split(separator: "\n").allSatisfy { $0.contains("  ") })
    }
}

/// The table in the documentation is what the program prints.
@Suite struct KeyTableTests {
    @Test func isThatOfTheProgram() throws {
        let result = try Command(Binary.path, ["workflow", "keys"], in: "/", environment: [:]).finish()
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("KEYS.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(result.code == 0 && text.hasSuffix(result.out), "run: plue workflow keys, and put it into KEYS.md")
        #expect(result.out.contains("| `jobs.<job_id>.steps[*].run` (required) | supported | github"))
        #expect(result.out.contains("| `jobs.<job_id>.services.<name>.image` | refused"))
    }
}
