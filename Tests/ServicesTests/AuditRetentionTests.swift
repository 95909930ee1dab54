import Model
import Storage
import Testing

@testable import Services

/// Bodies go by whole months; rows and leaves stay, and can still be checked.
@Suite struct AuditRetentionTests {
    /// Makes what the log tells until now two years older.
    private static func age(_ lab: AuditLab) async throws -> Int64 {
        let now = try await lab.number("(SELECT max(month) FROM actions_audit_log)")
        let month = now - 200
        if lab.database == .postgres {
            try await lab.tamper(
                """
                CREATE TABLE actions_audit_bodies_\(month) PARTITION OF actions_audit_bodies
                FOR VALUES FROM (\(month)) TO (\(month + 1))
                """)
            _ = try await lab.engine.rows("SELECT 1 AS one")
            try await lab.engine.services.backend.transaction { db in
                _ = try db.execute(Statement(sql: "SELECT actions_protect_partitions()"))
            }
        }
        let past = lab.database == .postgres ? "created_at - interval '2 years'" : "created_at - 63072000000000"
        try await lab.tamper(
            "UPDATE actions_audit_bodies SET month = \(month) WHERE month = \(now)",
            "UPDATE actions_audit_log SET month = \(month), created_at = \(past)")
        return month
    }

    private static func prune(_ lab: AuditLab, dryRun: Bool = false) async throws -> Int {
        let results = try await lab.engine.services.retention.prune([.audit], dryRun: dryRun, by: .system)
        return try #require(results.first).rows
    }

    @Test(arguments: TestDatabase.allCases)
    func oldBodiesGoAndLeavesStay(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(1_200)
            let month = try await Self.age(lab)
            let old = try await lab.number("(SELECT count(*) FROM actions_audit_bodies)")
            // What is not sealed stays, and what is held.
            #expect(try await Self.prune(lab, dryRun: true) == 0)
            #expect(try await Self.prune(lab) == 0)
            _ = try await lab.audit.seal()
            let retention = lab.engine.services.retention
            try await retention.hold(.repository(lab.engine.repository.id), reason: "a case", by: Engine.principal)
            #expect(try await Self.prune(lab) == 0)
            try await retention.release(.repository(lab.engine.repository.id), by: Engine.principal)
            #expect(try await Self.prune(lab, dryRun: true) == Int(old))
            #expect(try await Self.prune(lab) == Int(old))
            #expect(try await lab.number("(SELECT count(*) FROM actions_audit_bodies WHERE month = \(month))") == 0)
            #expect(try await Self.prune(lab) == 0)

            var filter = AuditService.Filter()
            filter.action = "retention.prune"
            let told = try await lab.audit.list(filter, by: Engine.principal).items
            #expect(told.map(\.objectID) == [String(month)])
            #expect(told.first?.body == #"{"before":{"class":"audit","month":\#(month),"rows":\#(old)}}"#)
            _ = try await lab.audit.seal()
            let report = try await lab.audit.verify()
            #expect(report.problems.isEmpty && report.prunedBodies == old, "\(report.problems.prefix(3))")
            #expect(try await lab.engine.services.doctor.check().isEmpty)

            // A row without its body is still proven, and still cannot be changed.
            let id = try await lab.number("(SELECT min(audit_id) FROM actions_audit_leaves)")
            let proof = try await lab.audit.prove(id)
            #expect(proof.body == nil)
            try await lab.tamper("UPDATE actions_audit_log SET actor = 'x' WHERE id = \(id)")
            #expect(try await lab.audit.verify().problems.map(\.kind) == [.edited])
            // A mark without an event hides nothing.
            try await lab.engine.write(
                "INSERT INTO actions_audit_prunings (month, audit_id, created_at) SELECT \(month + 1), \(id), created_at"
                    + " FROM actions_audit_log WHERE id = \(id)")
            #expect(try await lab.audit.verify().problems.map(\.kind) == [.edited, .deleted])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func limitsAreOfTheWholeLog(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            let retention = lab.engine.services.retention
            #expect(try await retention.settings(by: .system).last?.days == 400)
            try await retention.set(.audit, days: 30, by: Engine.principal)
            #expect(try await retention.settings(by: .system).last?.days == 30)
            let error = await #expect(throws: ServiceError.self) {
                try await retention.set(.audit, days: 30, for: lab.engine.repository.id, by: Engine.principal)
            }
            #expect(error?.code == .invalidInput)
        }
    }
}
