import Foundation
import Testing

/// `plue audit`.
@Suite struct AuditVerbTests {
    @Test func theLogIsSealedProvenAndFoundOut() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo hi}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        let before = try sandbox.plue("audit", "verify")
        #expect(before.code == 0 && before.out.contains("nothing is sealed yet: "), "\(before)")
        #expect(try sandbox.plue("audit", "key").code == 64)

        let listed = try sandbox.plue("audit", "list", "--json", "--action", "run.create")
        let row = try #require(
            try JSONSerialization.jsonObject(with: Data(listed.out.utf8)) as? [String: Any], "\(listed)")
        let id = try #require(row["id"] as? Int)
        #expect(row["object_kind"] as? String == "run")
        #expect(try sandbox.plue("audit", "prove", "\(id)").code == 64)

        let sealed = try sandbox.plue("audit", "seal")
        #expect(sealed.code == 0 && sealed.out.contains("plue/audit/"), "\(sealed)")
        let key = try sandbox.plue("audit", "key").out.trimmingCharacters(in: .whitespacesAndNewlines)
        let again = try sandbox.plue("audit", "seal")
        #expect(again.out == sealed.out && again.err.contains("0 rows sealed"), "\(again)")
        let verified = try sandbox.plue("audit", "verify", "--json")
        #expect(verified.code == 0 && verified.out.contains("\"outside_checkpoints\":1"), "\(verified)")

        let proof = try sandbox.plue("audit", "prove", "\(id)")
        try sandbox.write("proof.json", proof.out)
        let proven = try sandbox.plue(
            "audit", "verify", "--proof", "\(sandbox.repository)/proof.json", "--key", key)
        #expect(proven.code == 0 && proven.out.contains("run.create") && proven.err.isEmpty, "\(proven)")
        let file = "\(sandbox.repository)/proof.json"
        func summary(_ result: Command.Result) throws -> [String: Any] {
            let lines = result.out.split(separator: "\n")
            let objects = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
            #expect(objects.allSatisfy { $0?["v"] as? Int == 1 } && !lines.isEmpty, "\(result)")
            return try #require(objects.last ?? nil)
        }
        let record = try summary(try sandbox.plue("audit", "verify", "--proof", file, "--key", key, "--json"))
        #expect(record["type"] as? String == "audit-verify-proof" && record["problems"] as? Int == 0)
        #expect(record["key_proven"] as? Bool == true && record["body"] is String, "\(record)")
        #expect((record["notes"] as? [String])?.isEmpty == true)
        try sandbox.write("proof.json", proof.out.replacing("run.create", with: "run.cancel"))
        #expect(try sandbox.plue("audit", "verify", "--proof", file).code == 1)
        let forged = try sandbox.plue("audit", "verify", "--proof", file, "--json")
        #expect(forged.code == 1 && forged.out.contains(#""kind":"proof""#), "\(forged)")
        #expect(try summary(forged)["problems"] as? Int == 1)
        // Without a body that is said; what is no text is none.
        var members = try #require(try JSONSerialization.jsonObject(with: Data(proof.out.utf8)) as? [String: Any])
        members["body"] = ["a": 1]
        try sandbox.write(
            "proof.json", String(decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self))
        let object = try sandbox.plue("audit", "verify", "--proof", file)
        #expect(object.code == 64 && object.err.contains("body is not a string"), "\(object)")
        members["body"] = nil
        try sandbox.write(
            "proof.json", String(decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self))
        let bare = try sandbox.plue("audit", "verify", "--proof", file, "--json")
        #expect(bare.code == 0 && bare.err.contains("body not given"), "\(bare)")
        #expect((try summary(bare)["notes"] as? [String])?.first?.hasPrefix("body not given") == true)

        let csv = try sandbox.plue("audit", "export", "--format", "csv")
        #expect(csv.code == 0 && csv.out.hasPrefix("id,created_at,action,"), "\(csv)")
        #expect(try sandbox.plue("audit", "list", "--action", "audit.export", "--json").out.contains("\"read\""))

        let other = try sandbox.plue("audit", "list", "--outcome", "x")
        #expect(other.code == 64 && other.err.contains("--outcome"), "\(other)")
        for empty in ["", ":", "run:", ":42"] {
            for verb in ["list", "export"] {
                let result = try sandbox.plue("audit", verb, "--object", empty)
                #expect(result.code == 64 && result.err.contains("KIND:ID") && result.out.isEmpty, "\(result)")
            }
        }
        #expect(try sandbox.plue("audit", "list", "--object", "run:1", "--json").out.contains("run.create"))
        try sandbox.write("bad", "1\n2\n3\n")
        let bad = try sandbox.plue("audit", "verify", "--checkpoints", "\(sandbox.repository)/bad")
        #expect(
            bad.code == 1 && bad.out.contains("/bad: 1 note is cut off, damaged") && bad.out.contains("1 problem: "))
        let note = sealed.out.replacing("plue/audit/", with: "plue/audit/0")
        try sandbox.write("bad", note + "\n" + note + "\n" + sealed.out.replacing("\n— ", with: "\nx\n\n— "))
        let foreign = try sandbox.plue("audit", "verify", "--json", "--checkpoints", "\(sandbox.repository)/bad")
        #expect(foreign.code == 1 && foreign.out.contains("2 notes are of another log (plue/audit/0"), "\(foreign)")
        #expect(foreign.out.contains("1 note is in this log's name") && foreign.out.contains(#""problems":2"#))
        let none = try sandbox.plue("audit", "verify", "--checkpoints", "\(sandbox.repository)/none")
        #expect(none.code == 6, "\(none)")
    }

    /// Statements on the database's file, its triggers taken away.
    private static func tamper(_ sandbox: Sandbox, _ statements: String) throws {
        try sandbox.write(
            "tamper.py",
            """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                db.execute("DROP TRIGGER " + name)
            db.executescript(sys.argv[2])
            db.commit()
            """)
        let result = try sandbox.shell("python3 tamper.py '\(sandbox.database)' \"\(statements)\"")
        #expect(result.code == 0, "\(result)")
    }

    /// What a power cut left of the last note is told until the file is moved away; the next seal begins another.
    @Test func aTornNoteIsToldUntilTheFileIsMovedAway() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo hi}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("audit", "seal").code == 0)
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("audit", "seal").code == 0)
        let folder = "../data/plue/audit/checkpoints"
        #expect(try sandbox.shell("for f in \(folder)/*; do truncate -s -20 $f; done").code == 0)
        #expect(try sandbox.plue("audit", "seal").code == 0)
        let torn = try sandbox.plue("audit", "verify")
        #expect(torn.code == 1 && torn.out.contains("1 note is cut off") && torn.out.contains("1 problem: "), "\(torn)")
        #expect(try sandbox.shell("mv \(folder) \(folder).torn").code == 0)
        #expect(try sandbox.plue("audit", "seal").code == 0)
        let whole = try sandbox.plue("audit", "verify")
        #expect(whole.code == 0 && whole.err.isEmpty && whole.out.contains("1 outside of the database"), "\(whole)")
    }

    @Test func erasedSealsAreFoundByTheFileOutside() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo hi}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("audit", "seal").code == 0)
        // The next seals do not reach the place outside.
        #expect(try sandbox.plue("run").code == 0)
        let unwritable = try sandbox.plue("audit", "seal", with: ["PLUE_AUDIT_CHECKPOINTS": "/dev/null/x"])
        #expect(unwritable.code == 6 && unwritable.err.contains("not outside of the database"), "\(unwritable)")
        let behind = try sandbox.plue("audit", "verify")
        #expect(
            behind.code == 0 && behind.err.contains("the newest checkpoint outside of the database is"), "\(behind)")
        let record = try sandbox.plue("audit", "verify", "--json")
        #expect(record.out.contains(#""outside_leaves""#) && record.out.contains("the newest checkpoint outside"))
        #expect(try sandbox.plue("audit", "seal").code == 0)
        #expect(try sandbox.plue("audit", "verify").err.isEmpty)

        try Self.tamper(sandbox, "UPDATE actions_audit_checkpoints SET note = 'x'")
        #expect(try sandbox.plue("run").code == 0)
        let refused = try sandbox.plue("audit", "seal")
        #expect(refused.code == 6 && refused.err.contains("its note cannot be read"), "\(refused)")
        let open = try sandbox.plue("audit", "verify")
        #expect(
            open.code == 1
                && open.err.contains(
                    "protected from changes: actions_audit_bodies_no_delete of actions_audit_bodies is gone"),
            "\(open)")
        let doctor = try sandbox.plue("doctor", "--json")
        #expect(doctor.code == 1 && doctor.out.contains("is not protected from changes"), "\(doctor)")

        let tables = ["leaves", "checkpoints", "keys", "prunings"].map { "DELETE FROM actions_audit_\($0)" }
        try Self.tamper(sandbox, tables.joined(separator: "; "))
        let erased = try sandbox.plue("audit", "verify")
        #expect(erased.code == 1 && erased.out.contains("truncated") && erased.out.contains("1 problem"), "\(erased)")
        let unproven = try sandbox.plue("audit", "verify", "--json")
        #expect(unproven.code == 1 && unproven.out.contains(#""key_proven":false"#), "\(unproven)")
        try sandbox.shell("mv ../data/plue/audit/checkpoints ../data/plue/audit/away")
        let nothing = try sandbox.plue("audit", "verify")
        #expect(nothing.code == 0 && nothing.out.hasPrefix("nothing is sealed yet: "), "\(nothing)")
    }
}
