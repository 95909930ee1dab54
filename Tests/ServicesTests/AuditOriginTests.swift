import Model
import Storage
import Testing

@testable import Services

/// From where a call came is a part of its row, and as well kept.
@Suite struct AuditOriginTests {
    /// The row of something that was done.
    private static func newest(_ lab: AuditLab, by caller: Principal) async throws -> AuditRecord {
        try await lab.engine.services.retention.hold(.repository(lab.engine.repository.id), reason: "x", by: caller)
        return try #require(try await lab.audit.list(limit: 1, by: Engine.principal).items.first)
    }

    @Test(arguments: TestDatabase.allCases)
    func isStoredAndBound(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(1)
            let origin = CallOrigin(address: "192.0.2.7", agent: "plue/0.1.0", requestID: "4bf92f35")
            let caller = Engine.principal.calling(from: origin)
            let record = try await Self.newest(lab, by: caller)
            #expect(record.actor == Engine.principal && record.origin == origin)
            _ = try await lab.audit.seal()
            #expect(try await lab.audit.verify().problems.isEmpty)
            let bare = try await lab.number("(SELECT min(id) FROM actions_audit_log WHERE user_agent IS NULL)")
            for (column, own) in [
                ("source_address", "192.0.2.7"), ("user_agent", "plue/0.1.0"), ("request_id", "4bf92f35"),
            ] {
                for (row, value) in [(record.id, "NULL"), (record.id, "'x'"), (bare, "'x'")] {
                    try await lab.tamper("UPDATE actions_audit_log SET \(column) = \(value) WHERE id = \(row)")
                    let report = try await lab.audit.verify()
                    #expect(report.problems.map(\.kind) == [.edited] && report.problems.first?.auditID == row)
                    let before = row == bare ? "NULL" : "'\(own)'"
                    try await lab.tamper("UPDATE actions_audit_log SET \(column) = \(before) WHERE id = \(row)")
                }
            }
            // What stood in one column is not the same in another one.
            try await lab.tamper(
                "UPDATE actions_audit_log SET user_agent = request_id, request_id = user_agent WHERE id = \(record.id)")
            #expect(try await lab.audit.verify().problems.map(\.kind) == [.edited])
        }
    }

    /// A client may call itself anything: no row is refused for it, and none grows without end.
    @Test(arguments: TestDatabase.allCases)
    func anythingMayStandThere(_ database: TestDatabase) async throws {
        let hostile = "a\u{0}b\n\u{1B}[31m\"',\u{301}é\u{1F468}\u{200D}" + String(repeating: "x", count: 100_000)
        let origin = CallOrigin(address: hostile, agent: hostile, requestID: "")
        #expect(origin.requestID == nil && origin.agent?.unicodeScalars.count == 255)
        #expect(origin.agent?.hasPrefix("a?b??[31m\"',\u{301}é") == true)
        #expect(CallOrigin(agent: String(repeating: "\u{0}", count: 255)).agent == String(repeating: "?", count: 255))
        try await AuditLab.with(database) { lab in
            let caller = Engine.principal.calling(from: origin)
            let record = try await Self.newest(lab, by: caller)
            #expect(record.origin == origin)
            _ = try await lab.audit.seal()
            #expect(try await lab.audit.verify().problems.isEmpty)
        }
    }
}
