import Cryptography
import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// A database with a keyring and some rows in its audit log, which tests then tamper with as a superuser would.
struct AuditLab {
    let engine: Engine
    let database: TestDatabase

    var audit: AuditService { engine.services.audit }

    static func with(_ database: TestDatabase, _ body: (AuditLab) async throws -> Void) async throws {
        try await database.with { backend in
            let root = try RootKey(try RandomBytes.secret(RootKey.length))
            let services = try await Services.open(
                backend, migrations: database.migrations, keyring: SecretKeyring(.key(root)))
            try await body(AuditLab(engine: try await Engine(services, location: "/r"), database: database))
        }
    }

    /// Adds rows, one a transaction.
    func record(_ count: Int) async throws {
        for number in 0..<count {
            let entry = AuditEntry(
                .repositoryUpdate, .repository, Int64(number), repository: engine.repository.id,
                after: [("number", .number(Double(number)))])
            try await engine.services.transaction { db, _ in
                try AuditLog.record(entry, by: Engine.principal, on: db)
            }
        }
    }

    func number(_ sql: String) async throws -> Int64 {
        try #require(try await engine.rows("SELECT \(sql) AS n").first)["n"]
    }

    /// Runs statements with the protection taken away, as the owner of the tables or of the file can.
    func tamper(_ statements: String...) async throws {
        let isPostgres = database == .postgres
        try await engine.services.backend.transaction { db in
            let tables = ["log", "bodies", "leaves", "checkpoints", "prunings", "keys"].map { "actions_audit_\($0)" }
            var triggers: [(name: String, sql: String)] = []
            if isPostgres {
                for table in tables { _ = try db.execute(Statement(sql: "ALTER TABLE \(table) DISABLE TRIGGER USER")) }
            } else {
                let found = try db.execute(
                    Statement(
                        sql:
                            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'actions_audit%'"
                    ))
                triggers = try found.map { (try $0["name"], try $0["sql"]) }
                for trigger in triggers { _ = try db.execute(Statement(sql: "DROP TRIGGER \(trigger.name)")) }
            }
            for statement in statements { _ = try db.execute(Statement(sql: statement)) }
            if isPostgres {
                for table in tables {
                    _ = try db.execute(
                        Statement(sql: "ALTER TABLE \(table) ENABLE ALWAYS TRIGGER \(table)_insert_only"))
                    _ = try db.execute(
                        Statement(sql: "ALTER TABLE \(table) ENABLE ALWAYS TRIGGER \(table)_no_truncate"))
                }
            }
            for trigger in triggers { try db.executeScript(trigger.sql) }
        }
    }
}
