import Foundation
import Testing

/// Databases that are not there or in use, files that are there, interrupts, file systems without links.
@Suite struct DatabaseEdgeTests {
    private static let one = "  a: {runs-on: x, steps: [{run: echo hi}]}\n"

    @Test func whoOnlyReadsMakesNoDatabase() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        let verbs = [
            ["runs"], ["view"], ["logs"], ["watch"], ["cancel", "1"], ["doctor"], ["db", "status"],
            ["db", "export", "x.jsonl"], ["backup", "x.db"], ["rerun", "1"], ["why"], ["approve"], ["stats"],
            ["queue", "list"], ["runner", "list"], ["runner", "group", "list"],
            ["runner", "group", "repositories", "g"],
            ["schedule", "list"], ["environment", "list"], ["repository", "list"], ["repository", "set"],
            ["retention", "list"], ["hold", "list"], ["audit", "list"], ["audit", "verify"], ["prune", "--dry-run"],
        ]
        for verb in verbs {
            let result = try plue(sandbox, verb + ["--database", "sqlite:none/no.db"])
            #expect(result.code == 64, "\(verb): \(result)")
            #expect(
                result.err.contains("there is no database at \(sandbox.repository)/none/no.db"), "\(verb): \(result)")
            #expect(result.err.contains("`plue run --database sqlite:none/no.db`"), "\(verb): \(result)")
        }
        // The default one is as good as an empty one.
        #expect(try sandbox.plue().out.contains("none yet"))
        #expect(try sandbox.plue(with: ["PLUE_DATABASE": "sqlite:none/no.db"]).out.contains("none yet"))
        #expect(try sandbox.plue("runs", with: ["PLUE_DATABASE": "sqlite:none/no.db"]).code == 64)
        #expect(try sandbox.plue("runs").err.contains("no run yet"))
        #expect(try sandbox.plue("db", "status").out.contains("0001_runs  pending"))
        #expect(try sandbox.plue("backup", "x.db").code == 64)
        #expect(try sandbox.shell("test ! -e $HOME/data && test ! -e none && test ! -e x.db").code == 0)
        try sandbox.write(".plue.toml", "database = \"sqlite:here.db\"\n")
        let set = try sandbox.plue("runs")
        #expect(set.code == 64 && set.err.contains("here.db") && set.err.contains("`plue run`"), "\(set)")
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("runs").out.contains("push"))
    }

    private func plue(_ sandbox: Sandbox, _ arguments: [String]) throws -> Command.Result {
        try Command(Binary.path, arguments, in: sandbox.repository, environment: sandbox.environment).finish()
    }

    @Test func hintsNameTheDatabaseThatWasGiven() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: exit 1}]}\n")
        let failed = try sandbox.plue("run", "--database", "sqlite:a b.db").err
        #expect(failed.contains("plue rerun 1 --failed --database 'sqlite:a b.db'"), "\(failed)")
        let other = try sandbox.plue("view", "9", "--database=sqlite:a b.db").err
        #expect(other.contains("`plue runs --database 'sqlite:a b.db'`"), "\(other)")
        #expect(try sandbox.plue("runs", "--branch", "nosuch", "--database", "a b.db").err == "no runs match\n")
    }

    @Test func addressesShowNoPassword() throws {
        let sandbox = try Sandbox()
        for url in ["postgres:/u:hunter2@h/db", "postgress://u:hunter2@h/db", "postgres://u:x@hunter2@h/db"] {
            let result = try sandbox.plue("runs", "--database", url)
            #expect(result.code != 0 && !result.err.contains("hunter2"), "\(result)")
        }
    }

    @Test func reportsForPrograms() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        func report(_ arguments: String...) throws -> [String: Any] {
            let result = try plue(sandbox, arguments + ["--json"])
            #expect(result.code == 0 && result.err.isEmpty && result.records.count == 1, "\(result)")
            return try #require(result.records.first ?? nil)
        }
        #expect(try sandbox.plue("db", "migrate", "--to", "first", "--database", "sqlite:m.db").code == 64)
        let first = try report("db", "migrate", "--to", "0001_runs", "--database", "sqlite:m.db")
        #expect(first["applied"] as? [String] == ["0001_runs"])
        let rest = try report("db", "migrate", "--database", "sqlite:m.db")
        #expect((rest["applied"] as? [String])?.first == "0002_audit")
        #expect(try sandbox.plue("run").code == 0)
        let exported = try report("db", "export", "a.jsonl")
        let imported = try report("db", "import", "a.jsonl", "--database", "sqlite:m.db")
        #expect(exported["rows"] as? Int == imported["rows"] as? Int && exported["path"] as? String != nil)
        #expect(try report("backup", "a.db")["path"] as? String == "\(sandbox.repository)/a.db")
        #expect(try report("restore", "--force", "a.db")["database"] as? String == sandbox.database)
        for arguments in [["backup", "a.db"], ["db", "export", "a.jsonl"]] {
            let taken = try plue(sandbox, arguments)
            #expect(taken.code == 64 && taken.err.contains("is there already"), "\(taken)")
        }
    }

    @Test func longLinesAndCutFiles() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("db", "export", "a.jsonl").code == 0)
        try sandbox.shell(
            """
            head -c -20 a.jsonl > cut; (cat a.jsonl; echo) > more; printf %s "$(cat a.jsonl)" > bare
            (head -n 1 a.jsonl; head -c 70000000 /dev/zero | tr '\\0' ' '; tail -n +2 a.jsonl) > long
            """)
        for (file, words) in [
            ("cut", "it is no JSON"), ("more", "text after the end"),
            ("long", "line 2 of the export: it is over 64 MiB"),
        ] {
            let result = try sandbox.plue("db", "import", file, "--database", "sqlite:b.db")
            #expect(
                result.code == 64 && result.err.contains(words) && result.err.utf8.count < 500, "\(file): \(result)")
        }
        #expect(try sandbox.plue("db", "import", "bare", "--database", "sqlite:b.db").code == 0)
    }

    @Test func aDatabaseInUseIsNotRestored() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: \"touch $HOME/up; sleep $TIME\"}]}\n")
        #expect(try sandbox.plue("run", "--env", "TIME=0").code == 0)
        #expect(try sandbox.plue("backup", "copy.db").code == 0)
        try sandbox.shell("rm $HOME/up")
        let run = try sandbox.start("run", "--env", "TIME=300")
        #expect(sandbox.wait { FileManager.default.fileExists(atPath: "\(sandbox.root)/up") })
        let refused = try sandbox.plue("restore", "--force", "copy.db")
        #expect(refused.code == 6 && refused.err.contains("in use by another process"), "\(refused)")
        run.signal(SIGINT)
        #expect(try run.finish().code == 2)
        #expect(try sandbox.plue("restore", "--force", "copy.db").code == 0)
        #expect(try sandbox.integrity() == "ok")
    }

    /// A C library in which `fsync` takes long, or `link` and `renameat2` are not there.
    private func shim(_ sandbox: Sandbox, _ text: String) throws -> [String: String] {
        try sandbox.write("shim.c", text)
        try sandbox.shell("$(command -v cc || command -v clang) -shared -fPIC -o $HOME/shim.so shim.c")
        return ["LD_PRELOAD": "\(sandbox.root)/shim.so"]
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func interruptsLeaveNoUnfinishedFile(_ number: Int32) throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
        let slow = try shim(sandbox, "#include <unistd.h>\nint fsync(int f) { while (1) sleep(100); }\n")
        func unfinished() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: sandbox.repository).filter { $0.contains("partial") }
        }
        for words in [["backup", "a.db"], ["db", "export", "a.jsonl"]] {
            let command = try Command(
                Binary.path, words, in: sandbox.repository, environment: sandbox.environment.merging(slow) { $1 })
            #expect(try sandbox.wait { try !unfinished().isEmpty })
            command.signal(number)
            let result = try command.finish()
            #expect(result.code == 128 + number, "\(result)")
            #expect(try unfinished().isEmpty)
        }
        #expect(!sandbox.exists("a.db") && !sandbox.exists("a.jsonl"))
    }

    @Test(arguments: [
        "", "int renameat2(int a, const char *b, int c, const char *d, unsigned e) { errno = 22; return -1; }\n",
    ])
    func fileSystemsWithoutLinks(_ more: String) throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
        let none = try shim(
            sandbox, "#include <errno.h>\nint link(const char *a, const char *b) { errno = 1; return -1; }\n" + more)
        #expect(try sandbox.plue("backup", "a.db", with: none).code == 0)
        #expect(try sandbox.plue("db", "export", "a.jsonl", with: none).code == 0)
        #expect(try sandbox.plue("backup", "a.db", with: none).code == 64)
        #expect(try sandbox.plue("runs", "-a", "--database", "sqlite:a.db").out.contains("push"))
        #expect(try sandbox.shell("test -s a.jsonl && test -z \"$(ls | grep partial)\"").code == 0)
    }

    @Test func namesCannotSpoofATable() throws {
        let sandbox = try Sandbox()
        let long = String(repeating: "long ", count: 20)
        try sandbox.write(
            ".github/workflows/ci.yml",
            "name: \"a\\u202eb\\ec\\u009bd\\ne\\u2028f \(long)\"\non: push\njobs:\n" + Self.one)
        #expect(try sandbox.plue("run").code == 0)
        for verb in ["runs", "list"] {
            let plain = try sandbox.plue(verb).out
            #expect(plain.contains("a b c d e f long") && plain.contains(long.dropLast()), "\(plain)")
            #expect(plain.split(whereSeparator: \.isNewline).count == 2)
            let shown = try sandbox.shell("script -qc '\(Binary.path) \(verb)' /dev/null < /dev/null").out
            #expect(shown.contains("a b c d e f long") && shown.contains("…") && !shown.contains(long), "\(shown)")
        }
        #expect(try sandbox.plue("runs", "--json").out.contains("a\u{202e}b"))
    }
}
