import Model
import Storage
import Testing

@testable import Services

/// What is found where the seals themselves, or what protects them, were taken away, and where something was put beside.
@Suite struct AuditErasureTests {
    private struct Outside: IteratorProtocol {
        var trees: [TreeCheckpoint]
        mutating func next() -> TreeCheckpoint? { trees.isEmpty ? nil : trees.removeFirst() }
    }

    private static let seals = ["leaves", "checkpoints", "prunings", "keys"].map { "DELETE FROM actions_audit_\($0)" }

    private static func sealed(_ lab: AuditLab) async throws -> TreeCheckpoint {
        try await lab.record(5)
        let note = try #require(try await lab.audit.seal().checkpoint)
        return try TreeCheckpoint(note.text)
    }

    private static func kinds(_ report: AuditReport) -> [String] {
        report.problems.map { problem in
            let place = problem.leaves.map { " \($0.lowerBound)..<\($0.upperBound)" } ?? ""
            return problem.kind.rawValue + place + (problem.auditID.map { " row \($0)" } ?? "")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func erasedSealsAreMissed(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            let tree = try await Self.sealed(lab)
            #expect(try await lab.audit.origin() == tree.origin)
            // The key stays.
            for statement in Self.seals.prefix(2) { try await lab.tamper(statement) }
            var report = try await lab.audit.verify(outside: Outside(trees: [tree]))
            #expect(Self.kinds(report) == ["truncated 0..<\(tree.size)"] && report.isKeyProven)
            for statement in Self.seals { try await lab.tamper(statement) }
            report = try await lab.audit.verify(outside: Outside(trees: [tree]))
            #expect(Self.kinds(report) == ["truncated 0..<\(tree.size)"] && !report.isKeyProven)
            #expect(report.outsideSize == tree.size && report.unsealed == tree.size)
            // Nobody else knows; then nothing is said to be proven.
            report = try await lab.audit.verify()
            #expect(report.problems.isEmpty && report.size == 0 && report.unsealed == tree.size && !report.isKeyProven)
            try await lab.tamper("DELETE FROM actions_audit_bodies", "DELETE FROM actions_audit_log")
            report = try await lab.audit.verify(outside: Outside(trees: [tree]))
            #expect(Self.kinds(report) == ["truncated 0..<\(tree.size)"] && report.unsealed == 0)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aSecondBodyIsFound(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            _ = try await Self.sealed(lab)
            try await lab.record(1)
            let month = try await lab.number("(SELECT max(month) FROM actions_audit_log)")
            let next = month % 100 == 12 ? month + 89 : month + 1
            let (first, last) = (
                try await lab.number("(SELECT min(id) FROM actions_audit_log)"),
                try await lab.number("(SELECT max(id) FROM actions_audit_log)")
            )
            // Also of a row that is not sealed yet. The triggers do not mind.
            for id in [first, last] {
                try await lab.engine.write(
                    "INSERT INTO actions_audit_bodies (month, audit_id, body) VALUES (\(next), \(id), '{\"evil\":1}')")
            }
            #expect(try await Self.kinds(lab.audit.verify()) == ["inserted row \(first)", "inserted row \(last)"])
            guard database == .postgres else { return }
            try await lab.tamper("DELETE FROM actions_audit_bodies WHERE month = \(next)")
            try await lab.engine.services.backend.transaction { db in
                _ = try db.execute(Statement(sql: "SET LOCAL session_replication_role = replica"))
                _ = try db.execute(
                    Statement(
                        sql: "INSERT INTO actions_audit_bodies (month, audit_id, body) VALUES (\(month), -5, '{}')"))
            }
            #expect(try await Self.kinds(lab.audit.verify()) == ["inserted row -5"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func missingTriggersAreTold(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(1)
            let doctor = lab.engine.services.doctor
            let rule = "the audit log is not protected from changes"
            #expect(DoctorService.rules.contains(rule))
            #expect(try await lab.audit.verify().unprotected.isEmpty)
            #expect(try await doctor.check().isEmpty)
            let faults: [(statement: String, gap: String)]
            if database == .postgres {
                let part = try await lab.number("(SELECT max(month) FROM actions_audit_log)")
                let bodies = "actions_audit_bodies"
                faults = [
                    ("ALTER TABLE actions_audit_log DISABLE TRIGGER actions_audit_log_insert_only", "is off"),
                    ("ALTER TABLE actions_audit_keys ENABLE TRIGGER actions_audit_keys_no_truncate", "is off"),
                    ("DROP TRIGGER actions_audit_leaves_no_truncate ON actions_audit_leaves", "is gone"),
                    ("DROP TRIGGER \(bodies)_no_truncate ON \(bodies)_\(part)", "is gone"),
                    ("ALTER TABLE \(bodies)_\(part) ENABLE TRIGGER \(bodies)_insert_only", "is off"),
                ]
            } else {
                faults = [
                    ("DROP TRIGGER actions_audit_log_no_update", "is gone"),
                    ("DROP TRIGGER actions_audit_bodies_no_replace", "is gone"),
                    ("DROP TRIGGER actions_audit_prunings_no_delete", "is gone"),
                    (
                        "CREATE TRIGGER actions_audit_log_no_update BEFORE UPDATE ON actions_audit_log BEGIN SELECT 1; END",
                        "does not refuse"
                    ),
                ]
            }
            var expected = 0
            for (statement, gap) in faults {
                try await lab.engine.write(statement)
                if !statement.hasPrefix("CREATE") { expected += 1 }
                let report = try await lab.audit.verify()
                #expect(report.problems.isEmpty && report.unprotected.count == expected, "\(report.unprotected)")
                #expect(report.unprotected.contains { $0.contains(gap) }, "\(statement): \(report.unprotected)")
                let found = try await doctor.check()
                #expect(found.map(\.rule) == [rule] && found.first?.names == report.unprotected, "\(found)")
            }
        }
    }

    /// To look, no month needs to be prepared; to prepare one takes the triggers that are gone.
    @Test(arguments: TestDatabase.allCases)
    func aDroppedPartitionIsTold(_ database: TestDatabase) async throws {
        guard database == .postgres else { return }
        try await AuditLab.with(database) { lab in
            let tree = try await Self.sealed(lab)
            let bodies = "actions_audit_bodies"
            let part = try await lab.number("(SELECT max(month) FROM actions_audit_log)")
            for statement in [
                "DROP TRIGGER \(bodies)_insert_only ON \(bodies)", "DROP TRIGGER \(bodies)_no_truncate ON \(bodies)",
                "DROP TABLE \(bodies)_\(part)",
            ] { try await lab.engine.write(statement) }
            let backend = lab.engine.services.backend
            await #expect(throws: StorageError.self) {
                try await Services.open(backend, migrations: database.migrations)
            }
            let looking = try await Services.open(backend, migrations: database.migrations, preparesMonths: false)
            let report = try await looking.audit.verify()
            #expect(report.problems.allSatisfy { $0.kind == .deleted } && report.problemCount == Int(tree.size))
            #expect(report.unprotected.contains { $0.hasPrefix("\(bodies)_insert_only of \(bodies) is gone") })
            #expect(try await looking.doctor.check().contains { !$0.names.isEmpty })
        }
    }

    /// SQLite counts on from the highest id that there was.
    @Test func idsThatAreUsedUpAreSaid() async throws {
        try await AuditLab.with(.sqliteFile) { lab in
            try await lab.record(1)
            let month = try await lab.number("(SELECT max(month) FROM actions_audit_log)")
            try await lab.engine.write(
                """
                INSERT INTO actions_audit_log (id, created_at, action, operation, actor_kind, actor, object_kind, object_id, month)
                VALUES (9223372036854775807, 0, 'x', 'create', 'user', 'mallory', 'x', '1', \(month))
                """)
            let error = await #expect(throws: StorageError.self) { try await lab.record(1) }
            #expect(error?.code == .full && error?.message.contains("actions_audit_log has no ids left") == true)
            let run = await #expect(throws: StorageError.self) {
                try await lab.engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            }
            #expect(run?.message.contains("actions_audit_log has no ids left") == true, "\(run as Any)")
        }
    }
}
