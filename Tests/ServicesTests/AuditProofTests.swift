import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// Proofs that stand without the database.
@Suite struct AuditProofTests {
    @Test(arguments: TestDatabase.allCases)
    func everySealedRowIsProven(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(20)
            _ = try await lab.audit.seal()
            try await lab.record(3)
            _ = try await lab.audit.seal()
            let key = try await lab.audit.key()
            for row in try await lab.engine.rows("SELECT id FROM actions_audit_log") {
                let proof = try AuditProof(json: try await lab.audit.prove(try row["id"]).json)
                let tree = try proof.verify(key: key)
                #expect(tree.size > proof.leafIndex && proof.body != nil)
            }
            let id = try await lab.number("(SELECT max(id) FROM actions_audit_log)")
            let text = try await lab.audit.prove(id).json
            for (old, new) in [
                ("octocat", "mallory"), ("\"leaf_index\":", "\"leaf_index\":1"), (#"\"number\":2"#, #"\"number\":3"#),
                ("\"hashes\":[\"", "\"hashes\":[\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",\""),
                ("plue/audit/", "plue/audit/0"),
            ] {
                let forged = text.replacing(old, with: new)
                #expect(forged != text, "\(old)")
                let error = #expect(throws: ServiceError.self, "\(old)") {
                    try AuditProof(json: forged).verify(key: key)
                }
                #expect(error?.code == .conflict || error?.code == .invalidInput, "\(old)")
            }
            for broken in [
                "", "{}", "[]", text.replacing("\"v\":1", with: "\"v\":2"), text.replacing("\"leaf\":", with: "\"l\":"),
            ] {
                let error = #expect(throws: ServiceError.self) { try AuditProof(json: broken) }
                #expect(error?.code == .invalidInput)
            }
            // A body is a text or is not there.
            let body = try #require(try AuditProof(json: text).body)
            let member = #""body":\#(CanonicalJSON.text(.string(body)))"#
            for other in ["{}", "[]", "7", "true"] {
                let wrong = text.replacing(member, with: "\"body\":" + other)
                #expect(wrong != text)
                let error = #expect(throws: ServiceError.self, "\(other)") { try AuditProof(json: wrong) }
                #expect(error?.code == .invalidInput && error?.message.contains("body is not a string") == true)
            }
            let bare = try AuditProof(json: text.replacing(member + ",", with: ""))
            #expect(try bare.body == nil && bare.verify(key: key).size > 0 && !bare.json.contains("\"body\""))
            // Nothing is proven of what is not sealed, not there, or not what was sealed.
            try await lab.record(1)
            let newest = try await lab.number("(SELECT max(id) FROM actions_audit_log)")
            for missing in [newest, newest + 1] {
                let error = await #expect(throws: ServiceError.self) { try await lab.audit.prove(missing) }
                #expect(error?.code == .notFound)
            }
            try await lab.tamper("UPDATE actions_audit_log SET actor = 'x' WHERE id = \(id)")
            let changed = await #expect(throws: ServiceError.self) { try await lab.audit.prove(id) }
            #expect(changed?.code == .conflict)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func exportsAreToldAndWhole(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(1_500)
            var ids: [Int64] = []
            var filter = AuditService.Filter()
            let count = try await lab.audit.export(filter, by: Engine.principal) { ids.append($0.id) }
            let rows = try await lab.number("(SELECT count(*) FROM actions_audit_log)")
            #expect(count == ids.count && Int64(count) == rows - 1 && ids == ids.sorted())
            filter.action = "audit.export"
            filter.outcome = "success"
            filter.since = Timestamp(microseconds: 0)
            let listed = try await lab.audit.list(filter, by: Engine.principal)
            #expect(listed.items.map(\.operation) == ["read"])
            filter.until = filter.since
            #expect(try await lab.audit.list(filter, by: Engine.principal).items.isEmpty)
        }
    }
}
