import Foundation
import Testing

/// `plue db`, `doctor`, `backup`, `restore` as people use and misuse them.
@Suite struct DatabaseVerbTests {
    private static let one = "  a: {runs-on: x, steps: [{run: echo hi}]}\n"

    private func sqlite(_ sandbox: Sandbox, _ file: String, _ sql: String) throws {
        let result = try sandbox.shell(
            "python3 -c 'import sqlite3,sys; db=sqlite3.connect(sys.argv[1]); db.executescript(sys.argv[2])' \(file) \"\(sql)\""
        )
        #expect(result.code == 0, "\(result)")
    }

    @Test func whatWasExportedComesBack() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("db", "export", "a.jsonl").code == 0)
        #expect(try sandbox.plue("db", "export", "a.jsonl").code == 64)
        #expect(try sandbox.plue("db", "import", "a.jsonl", "--database", "sqlite:b.db").code == 0)
        #expect(try sandbox.plue("db", "export", "b.jsonl", "--database", "sqlite:b.db").code == 0)
        // All is the same but that each export stands in the audit log that it has.
        let audit = #"-e database.export -e b.jsonl -e '"end":"actions_audit_\(log\|bodies\)"'"#
        let differences = try sandbox.shell("diff a.jsonl b.jsonl | grep '^[<>]' | grep -v \(audit); ls | grep partial")
        #expect(differences.out.isEmpty, "\(differences)")
        #expect(try sandbox.shell("diff a.jsonl b.jsonl | grep -c '^>.*database.export'").out == "1\n")
        #expect(try sandbox.plue("db", "import", "a.jsonl", "--database", "sqlite:b.db").code == 64)
        #expect(try sandbox.plue("doctor", "--database", "sqlite:b.db").code == 0)
        // Another program, which does not look at foreign keys.
        try sqlite(sandbox, "b.db", "DELETE FROM actions_jobs")
        let dangling = try sandbox.plue("doctor", "--database", "sqlite:b.db")
        #expect(dangling.code == 1 && dangling.out.contains("refers to one that is not there"), "\(dangling)")
        try sqlite(sandbox, "b.db", "DELETE FROM actions_transitions")
        let found = try sandbox.plue("doctor", "--json", "--database", "sqlite:b.db")
        #expect(found.code == 1 && found.out.contains("\"type\":\"finding\""))
    }

    @Test func aRestoreReplacesNothingElse() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("backup", "copy.db").code == 0)
        #expect(try sandbox.plue("backup", "copy.db").code != 0)
        #expect(try sandbox.plue("restore", "copy.db").code == 64)
        #expect(try sandbox.plue("restore", "--force", "copy.db").code == 0)
        try sqlite(sandbox, "foreign.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        let other = try sandbox.plue("restore", "--force", "foreign.db")
        #expect(other.code == 64 && other.err.contains("no backup of plue"), "\(other)")
        let taken = try sandbox.plue("restore", "copy.db", "--database", "sqlite:foreign.db")
        #expect(taken.code == 64 && taken.err.contains("another program"), "\(taken)")
        #expect(try sandbox.plue("runs").out.contains("push"))
    }

    @Test func addressesThatWereMistyped() throws {
        let sandbox = try Sandbox()
        for url in ["postgres:/ci@host/db", "host=/tmp dbname=x", "postgres//x=y"] {
            #expect(try sandbox.plue("runs", "--database", url).code == 64, "\(url)")
        }
        #expect(try sandbox.shell("test -z \"$(git status --porcelain)\"").code == 0)
    }

    @Test func settingsNameTheDatabaseForAllVerbs() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        try sandbox.write(".plue.toml", "database = \"sqlite:here.db\"\n")
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("db", "status").out.contains("applied"))
        #expect(try sandbox.plue("backup", "copy.db").code == 0)
        #expect(try sandbox.plue("runs", "-a", "--database", "sqlite:copy.db").out.contains("push"))
        #expect(try sandbox.plue("db", "--help").code == 0)
    }
}
