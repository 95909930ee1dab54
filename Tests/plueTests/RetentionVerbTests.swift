import Foundation
import Testing

/// `plue prune`, `plue retention`, `plue hold`.
@Suite struct RetentionVerbTests {
    private static func age(_ run: Int, days: Int, _ sandbox: Sandbox) throws {
        let script = """
            import sqlite3,sys,time
            db = sqlite3.connect(sys.argv[1])
            at = int((time.time() - \(days) * 86400) * 1e6)
            db.execute('UPDATE actions_workflow_runs SET created_at = ?1, started_at = ?1, completed_at = ?1 WHERE id = ?2', (at, \(run)))
            db.commit()
            """
        let done = try Command(
            "/usr/bin/env", ["python3", "-c", script, sandbox.database], in: sandbox.root,
            environment: sandbox.environment
        ).finish()
        #expect(done.code == 0, "\(done)")
    }

    @Test func removesWhatIsOld() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo hello}]}\n")
        for _ in 0..<3 { #expect(try sandbox.plue("run").code == 0) }
        try Self.age(1, days: 500, sandbox)
        try Self.age(2, days: 100, sandbox)
        #expect(try sandbox.plue("hold", "set", "1", "case 7").code == 0)
        let holds = try sandbox.plue("hold", "list")
        #expect(holds.code == 0 && holds.out.contains("case 7") && holds.out.contains("octocat"), "\(holds)")

        let dry = try sandbox.plue("prune", "--dry-run", "--json")
        let records = try dry.out.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }
        #expect(records.map { $0?["class"] as? String } == ["logs", "runs", "events", "audit"], "\(dry)")
        #expect(records.map { $0?["rows"] as? Int } == [1, 0, 0, 0], "\(dry)")
        #expect(records.map { $0?["days"] as? Int } == [90, 400, 90, 400], "\(dry)")
        #expect(records.allSatisfy { $0?["dry_run"] as? Bool == true })
        #expect(try sandbox.plue("logs", "2").out.contains("hello"))

        let real = try sandbox.plue("prune", "--class", "logs")
        #expect(real.code == 0 && real.out.contains("1 log chunk ") && !real.out.contains("runs"), "\(real)")
        let gone = try sandbox.plue("logs", "2")
        #expect(gone.code == 0 && gone.out.isEmpty, "\(gone)")
        #expect(gone.err.contains("the log of a was removed on 20") && gone.err.contains("kept for 90 days"), "\(gone)")
        #expect(try sandbox.plue("logs", "1").out.contains("hello"), "it is held")
        #expect(try sandbox.plue("runs").out.split(separator: "\n").count == 4)
        #expect(try sandbox.plue("rerun", "2").code == 0)
        #expect(try sandbox.plue("logs", "2").out.contains("hello"))

        #expect(try sandbox.plue("hold", "release", "1").code == 0)
        #expect(try sandbox.plue("hold", "release", "1").code == 64)
        #expect(try sandbox.plue("prune").out.contains("1 run "))
        #expect(try sandbox.plue("view", "1").code == 64)
        #expect(try sandbox.plue("doctor").code == 0)
    }

    @Test func limitsAndHoldsOfRepositories() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo hello}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        try Self.age(1, days: 20, sandbox)
        #expect(try sandbox.plue("retention", "set", "runs", "10", "--repository", ".").code == 0)
        let list = try sandbox.plue("retention", "list")
        #expect(list.out.contains("runs    1           10"), "\(list)")
        #expect(try sandbox.plue("hold", "set", "--repository", ".", "case 8").code == 0)
        #expect(try sandbox.plue("prune", "-n").out.contains("0 runs"))
        #expect(try sandbox.plue("hold", "release", "--repository", ".").code == 0)
        #expect(try sandbox.plue("prune", "-n").out.contains("1 run "))
        #expect(try sandbox.plue("retention", "set", "runs", "default", "--repository", ".").code == 0)
        #expect(try sandbox.plue("prune").out.contains("0 runs"))
        for arguments in [
            ["prune", "--class", "x"], ["retention", "set", "runs", "x"], ["retention", "set", "runs", "0"],
            ["retention", "set", "x", "3"], ["hold", "set", "1"], ["hold", "set", "x", "why"],
            ["hold", "set", "9", "why"],
            ["hold", "release"], ["hold", "release", "9"],
        ] {
            let refused = try Command(
                Binary.path, arguments, in: sandbox.repository, environment: sandbox.environment
            ).finish()
            #expect(refused.code == 64 && !refused.err.isEmpty, "\(arguments) \(refused)")
        }
    }
}
