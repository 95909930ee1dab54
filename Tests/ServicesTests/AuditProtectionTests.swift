import Cryptography
import Model
import Storage
import Testing

@testable import Services

/// What the database itself refuses, and what happens when it refuses an audit row.
@Suite struct AuditProtectionTests {
    private static let tables = ["log", "bodies", "leaves", "checkpoints", "keys"].map { "actions_audit_\($0)" }

    /// The statements, in a transaction of their own: the error's message, nil when nothing was refused.
    private static func refusal(_ lab: AuditLab, _ statements: String...) async -> String? {
        do {
            _ = try await lab.engine.services.backend.transaction { db in
                for statement in statements { _ = try db.execute(Statement(sql: statement)) }
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func nothingIsChangedOrRemoved(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(3)
            _ = try await lab.audit.seal()
            let refused = "the audit log is insert only"
            for table in Self.tables {
                let column =
                    table.hasSuffix("checkpoints") ? "tree_size" : table.hasSuffix("leaves") ? "leaf_index" : nil
                let name = column ?? (table.hasSuffix("bodies") ? "month" : "id")
                for statement in ["UPDATE \(table) SET \(name) = \(name)", "DELETE FROM \(table)"] {
                    let message = await Self.refusal(lab, statement)
                    #expect(message?.contains(refused) == true, "\(statement): \(message ?? "done")")
                }
                if database == .postgres {
                    for statements in [
                        ["TRUNCATE \(table) CASCADE"],
                        ["SET LOCAL session_replication_role = replica", "DELETE FROM \(table)"],
                        ["SET LOCAL session_replication_role = replica", "TRUNCATE \(table) CASCADE"],
                        ["SET LOCAL session_replication_role = replica", "UPDATE \(table) SET \(name) = \(name)"],
                    ] {
                        let message = await Self.refusal(
                            lab, statements[0], statements.count > 1 ? statements[1] : "SELECT 1")
                        #expect(message?.contains(refused) == true, "\(statements): \(message ?? "done")")
                    }
                } else {
                    let message = await Self.refusal(lab, "INSERT OR REPLACE INTO \(table) SELECT * FROM \(table)")
                    #expect(message?.contains(refused) == true, "\(table): \(message ?? "done")")
                }
            }
            #expect(try await lab.audit.verify().problems.isEmpty)
        }
    }

    /// A partition is a table that can be named.
    @Test(arguments: TestDatabase.allCases)
    func partitionsAreProtectedToo(_ database: TestDatabase) async throws {
        guard database == .postgres else { return }
        try await AuditLab.with(database) { lab in
            try await lab.record(3)
            let parts: [String] = try await lab.engine.rows(
                """
                SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'actions_audit_bodies'::regclass ORDER BY c.relname LIMIT 2
                """
            ).map { row in try row["relname"] }
            #expect(parts.count == 2)
            for part in parts.prefix(1) {
                for statement in ["DELETE FROM \(part)", "UPDATE \(part) SET month = month", "TRUNCATE \(part)"] {
                    let plain = await Self.refusal(lab, statement)
                    let replica = await Self.refusal(lab, "SET LOCAL session_replication_role = replica", statement)
                    #expect(plain?.contains("insert only") == true, "\(statement): \(plain ?? "done")")
                    #expect(replica?.contains("insert only") == true, "\(statement): \(replica ?? "done")")
                }
            }
            let unmarked = await Self.refusal(lab, "SELECT actions_drop_audit_bodies(202601)")
            #expect(unmarked?.contains("is not marked as pruned") == true)
        }
    }

    /// The row is committed before a value is opened: where it cannot be written, nothing is read.
    @Test(arguments: TestDatabase.allCases)
    func aRefusedRowRefusesTheRead(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            let engine = lab.engine
            let secrets = try #require(engine.services.secrets)
            var value = Array("canary-value".utf8)
            try await secrets.set(
                "TOKEN", SecretBytes(consuming: &value), of: .repository(engine.repository.id), by: Engine.principal)
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim(1).first)
            let runner = Principal(.runner, "one")
            let tables = ["actions_audit_log", "actions_audit_bodies"]
            for table in tables {
                if database == .postgres {
                    try await engine.write(
                        "CREATE TRIGGER full_disk BEFORE INSERT ON \(table) FOR EACH ROW EXECUTE FUNCTION actions_refuse('no space')"
                    )
                } else {
                    try await engine.write(
                        "CREATE TRIGGER full_disk BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'no space'); END")
                }
                let error = await #expect(throws: StorageError.self) {
                    try await secrets.values(for: message.assignment.token, by: runner)
                }
                #expect(error?.code == .raised && "\(error as Any)".contains("canary") == false, "\(table)")
                try await engine.write("DROP TRIGGER full_disk\(database == .postgres ? " ON \(table)" : "")")
            }
            #expect(try await secrets.values(for: message.assignment.token, by: runner).count == 1)
        }
    }
}
