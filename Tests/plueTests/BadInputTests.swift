import Foundation
import Testing

/// Broken files, folders, databases and disks: a clear error, the right exit code, nothing lost.
@Suite struct BadInputTests {
    private static let one = "  a: {runs-on: x, steps: [{run: echo hi}]}\n"

    private static let broken: [(String, Data, String)] = [
        ("binary", Data([0, 255, 254, 0, 1, 2, 3]), "not-utf8"),
        ("brackets", Data(String(repeating: "[", count: 250_000).utf8), "yaml-depth"),
        ("empty", Data(), "error:"),
        ("unknown key", Data("on: push\nnope: 1\njobs: {a: {runs-on: x, steps: [{run: a}]}}".utf8), "nope"),
        (
            "cycle",
            Data(
                "on: push\njobs: {a: {needs: b, runs-on: x, steps: [{run: a}]}, b: {needs: a, runs-on: x, steps: [{run: a}]}}"
                    .utf8),
            "needs-cycle"
        ),
        (
            "unknown need",
            Data(
                "on: push\njobs: {b: {runs-on: x, steps: [{run: a}]}, a: {needs: z, runs-on: x, steps: [{run: a}]}}"
                    .utf8), "unknown job 'z'"
        ),
        ("large", Data(("on: push\n#" + String(repeating: "x", count: 2 << 20)).utf8), "error:"),
        (
            "title", Data("on: push\nrun-name: ${{ fromJSON('{') }}\njobs: {a: {runs-on: x, steps: [{run: a}]}}".utf8),
            ":2:"
        ),
    ]

    @Test(arguments: broken.indices)
    func aBrokenFile(_ index: Int) throws {
        let (name, data, expected) = Self.broken[index]
        let sandbox = try Sandbox()
        try sandbox.write(".github/workflows/ci.yml", data)
        let result = try sandbox.plue("run")
        #expect(result.code == 5, "\(name): \(result)")
        #expect(result.err.contains(expected) && result.err.contains(".github/workflows/ci.yml"), "\(name): \(result)")
        #expect(result.err.utf8.count < 5_000)
    }

    @Test func foldersThatAreNoRepository() throws {
        let plain = try Sandbox(git: false)
        try plain.workflow(Self.one)
        let result = try plain.plue("run")
        #expect(result.code == 6 && result.err.contains("not in a git repository"), "\(result)")
        let empty = try Sandbox(commit: false)
        try empty.workflow(Self.one)
        #expect(try empty.plue("run").code == 0)
        let nothing = try Sandbox()
        let none = try nothing.plue("run")
        #expect(none.code == 3 || none.code == 5, "\(none)")
        #expect(try nothing.plue("run", "-W", "nowhere.yml").code != 0)
        #expect(try nothing.plue("run", "-C", "/nowhere").code != 0)
    }

    @Test func databasesThatAreNone() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        try sandbox.write("../text.db", String(repeating: "no database ", count: 100))
        for (url, code) in [
            ("sqlite:\(sandbox.root)", 6), ("sqlite:\(sandbox.root)/text.db", 6), ("sqlite:/proc/nowhere/x.db", 6),
            ("postgres://127.0.0.1:1/x", 6), ("postgres://u@/x?host=/nowhere", 6), ("", 64), ("mysql://x", 64),
        ] as [(String, Int32)] {
            for verb in url.hasPrefix("postgres") ? ["runs"] : ["run", "runs"] {
                let result = try sandbox.plue(verb, "--database", url)
                // Who only reads does not try to make one.
                let code = verb == "runs" && url.contains("nowhere/x.db") ? 64 : code
                #expect(result.code == code && result.err.hasPrefix("plue: "), "\(verb) \(url): \(result)")
            }
        }
        #expect(sandbox.text("text.db").hasPrefix("no database "))
    }

    @Test func aDatabaseOfANewerVersion() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
        try sandbox.shell(
            """
            python3 - "$XDG_DATA_HOME/plue/plue.db" <<'END'
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            names = [row[1] for row in db.execute("PRAGMA table_info(actions_schema_migrations)")]
            row = dict(zip(names, db.execute("SELECT * FROM actions_schema_migrations LIMIT 1").fetchone()), version=999)
            db.execute("INSERT INTO actions_schema_migrations (%s) VALUES (%s)" % (",".join(names), ",".join("?" * len(names))), [row[n] for n in names])
            db.commit()
            END
            """)
        let result = try sandbox.plue("run")
        #expect(result.code == 6 && result.err.contains("newer"), "\(result)")
    }

    @Test func filesThatMayNotBeRead() throws {
        guard geteuid() != 0 else { return }  // Root may read everything.
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
        try sandbox.shell("chmod 0 $XDG_DATA_HOME/plue/plue.db")
        #expect(try sandbox.plue("run").code == 6)
        try sandbox.shell("chmod 0600 $XDG_DATA_HOME/plue/plue.db; chmod 0500 $XDG_DATA_HOME/plue")
        let result = try sandbox.plue("run")
        #expect(result.code == 6, "\(result)")
    }

    /// Files may not grow over 600 KiB.
    @Test func aDiskThatIsFull() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: \"seq 1 2000000\"}]}\n")
        let limited = try sandbox.start(
            "run", wrapped: ["/bin/bash", "-c", "ulimit -f 600; exec \"$@\"", "bash"]
        ).finish()
        #expect(limited.code == 6, "\(limited.code) \(limited.err.suffix(500))")
        #expect(limited.err.contains("plue: "))
        #expect(sandbox.wait { sandbox.processes().isEmpty })
        #expect(try sandbox.integrity() == "ok")
        let after = try sandbox.plue("runs", "--json")
        #expect(after.code == 0 && !after.out.contains("\"conclusion\": null"), "\(after)")
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
    }

    @Test func aReaderThatGoesAway() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: \"seq 1 100000\"}]}\n")
        let result = try sandbox.shell("'\(Binary.path)' run --json | head -n 1; echo ${PIPESTATUS[0]} >&2")
        #expect(
            result.code == 0 && result.err.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("0"), "\(result)")
    }
}
