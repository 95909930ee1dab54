import Foundation
import Testing

/// `plue audit`.
@Suite struct AuditVerbTests {
    @Test func theLogIsSealedProvenAndFoundOut() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo hi}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        let before = try sandbox.plue("audit", "verify")
        #expect(before.code == 0 && before.out.contains("not sealed yet"), "\(before)")
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
        try sandbox.write("proof.json", proof.out.replacing("run.create", with: "run.cancel"))
        #expect(try sandbox.plue("audit", "verify", "--proof", "\(sandbox.repository)/proof.json").code == 1)

        let csv = try sandbox.plue("audit", "export", "--format", "csv")
        #expect(csv.code == 0 && csv.out.hasPrefix("id,created_at,action,"), "\(csv)")
        #expect(try sandbox.plue("audit", "list", "--action", "audit.export", "--json").out.contains("\"read\""))

        let other = try sandbox.plue("audit", "list", "--outcome", "x")
        #expect(other.code == 64 && other.err.contains("--outcome"), "\(other)")
        try sandbox.write("bad", "1\n2\n3\n")
        #expect(try sandbox.plue("audit", "verify", "--checkpoints", "\(sandbox.repository)/bad").code == 1)
        let none = try sandbox.plue("audit", "verify", "--checkpoints", "\(sandbox.repository)/none")
        #expect(none.code == 6, "\(none)")
    }
}
