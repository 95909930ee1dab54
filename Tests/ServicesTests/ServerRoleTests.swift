import Cryptography
import Migrations
import Model
import PostgresStorage
import Storage
import TestDatabases
import Testing

@testable import Services

/// A server that connects as a role that owns nothing.
@Suite struct ServerRoleTests {
    private static let user = Engine.principal
    private static let refused = [
        "UPDATE actions_audit_log SET actor = 'x'", "DELETE FROM actions_audit_log",
        "TRUNCATE actions_audit_log CASCADE",
        "UPDATE actions_audit_leaves SET hash = ''", "DELETE FROM actions_audit_checkpoints",
        "ALTER TABLE actions_audit_log DISABLE TRIGGER USER",
        "DROP TRIGGER actions_audit_log_insert_only ON actions_audit_log",
        "DROP TABLE actions_audit_bodies", "DROP FUNCTION actions_refuse() CASCADE",
        "CREATE OR REPLACE FUNCTION actions_refuse() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
        "UPDATE actions_schema_migrations SET name = 'x'", "SET session_replication_role = replica",
        "SELECT actions_grant_server(current_user)", "DROP TABLE actions_jobs",
    ]

    /// Runs `body` with the services of the owner, and the address and options of a role that has no rights yet.
    private func withRole(
        _ body: (Services, (name: String, address: String, options: PostgresOptions)) async throws -> Void
    ) async throws {
        let role = "plue_role_\(UInt64.random(in: 0...UInt64.max))"
        try await administer("CREATE ROLE \(role) LOGIN")
        do {
            try await withPostgres { storage in
                let owner = try await Services.open(storage, migrations: Migrations.postgres)
                var options = PostgresOptions()
                options.allowsUnsafeServer = true
                options.acquireTimeout = .seconds(300)
                options.schema = try await storage.read { db in
                    try db.execute(Statement(sql: "SELECT current_schema() AS name")).first?["name"]
                }
                let server = try TestServer.string().replacing("user=postgres", with: "user=\(role)")
                try await body(owner, (role, server, options))
            }
        } catch {
            try? await administer("DROP OWNED BY \(role); DROP ROLE \(role)")
            throw error
        }
        try await administer("DROP OWNED BY \(role); DROP ROLE \(role)")
    }

    @Test(.enabled(if: TestServer.isExpected)) func doesAllButChangeTheAuditLog() async throws {
        try await withRole { owner, role in
            // As somebody may have set it up before, with too much.
            try await owner.backend.withConnection { db in
                try db.executeScript("GRANT ALL ON ALL TABLES IN SCHEMA \(role.options.schema ?? "") TO \(role.name)")
            }
            try await owner.access.grantServer(to: role.name, by: Self.user)
            #expect(
                try await owner.audit.list(by: Self.user).items.isEmpty, "who prepares a database may import into it")
            let storage = try await PostgresStorage.open(role.address, options: role.options)
            do {
                try await serve(storage)
                for statement in Self.refused {
                    let error = await #expect(throws: StorageError.self, "\(statement)") {
                        try await storage.transaction { db in _ = try db.execute(Statement(sql: statement)) }
                    }
                    #expect(error?.code == .permission, "\(statement): \(error.map(String.init(describing:)) ?? "")")
                }
                // Its schema is that of the owner's program: a newer one has to be brought by the owner.
                let next = Migration(version: Migrations.postgres.count + 1, name: "next", script: "SELECT 1")
                // Made by somebody who may: it is not what the owner's functions call.
                try await owner.backend.withConnection { db in
                    try db.executeScript("GRANT CREATE ON SCHEMA \(role.options.schema ?? "") TO \(role.name)")
                }
                let trap = """
                    LANGUAGE plpgsql AS $$ BEGIN
                    EXECUTE 'ALTER TABLE actions_audit_log DISABLE TRIGGER USER'; RETURN 'SELECT 1'; END $$
                    """
                for arguments in ["text, text, name, text, text", "text, text, text", "text, text"] {
                    _ = try await storage.transaction { db in
                        try db.execute(Statement(sql: "CREATE FUNCTION format(\(arguments)) RETURNS text \(trap)"))
                    }
                }
                // Nor do they touch what it made.
                _ = try await storage.transaction { db in
                    try db.execute(
                        Statement(sql: "CREATE TABLE actions_own (at timestamptz) PARTITION BY RANGE (at)"))
                }
                #expect(try await Partitions.ensure(storage, from: Timestamp(microseconds: 1 << 50), months: 1) > 0)
                let own = Statement(
                    sql: "SELECT count(*) AS n FROM pg_inherits WHERE inhparent = 'actions_own'::regclass")
                #expect(try await storage.read { db in try db.execute(own).first?["n"] as Int64? } == 0)
                #expect(try await owner.transaction { db, _ in try AuditProtection.gaps(on: db) }.isEmpty)
                let error = await #expect(throws: StorageError.self) {
                    _ = try await Services.open(storage, migrations: Migrations.postgres + [next])
                }
                #expect(
                    error?.code == .permission && error?.message.contains("need the owner") == true, "\(error as Any)")
            } catch {
                await storage.close()
                throw error
            }
            await storage.close()
            try await owner.access.grantServer(to: role.name, by: Self.user)
            let told = try await owner.backend.read { db in
                try db.execute(Statement(sql: "SELECT body FROM actions_audit_bodies")).map { try $0["body"] as String }
            }
            #expect(told.count { $0.contains(role.name) } == 1)
        }
    }

    /// A run with a secret and a log, the seal, months to come, and what retention removes.
    private func serve(_ storage: PostgresStorage) async throws {
        let root = try RootKey(try RandomBytes.secret(RootKey.length))
        let services = try await Services.open(
            storage, migrations: Migrations.postgres, keyring: SecretKeyring(.key(root)))
        let engine = try await Engine(services, location: "/r")
        var value = Array("a stored value".utf8)
        let secrets = try #require(services.secrets)
        try await secrets.set(
            "S", SecretBytes(consuming: &value), of: .repository(engine.repository.id), by: Self.user)
        try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
        let message = try #require(try await engine.claim(1).first)
        #expect(try await secrets.values(for: message.assignment.token, by: Principal(.runner, "one")).count == 1)
        try await engine.complete(message)
        #expect(try await services.audit.seal().rows > 0)
        #expect(try await services.audit.verify().problems.isEmpty)
        // Partitions are the owner's, and are made and dropped for it.
        #expect(try await Partitions.ensure(storage, from: Timestamp(microseconds: 0), months: 2) > 0)
        #expect(try await Partitions.dropEmpty(storage) > 0)
        #expect(try await services.transaction { db, _ in try AuditProtection.gaps(on: db) }.isEmpty)
        try await engine.check()
    }

    @Test(.enabled(if: TestServer.isExpected)) func ofWhomNothingCanBeKeptIsRefused() async throws {
        try await withRole { owner, role in
            func refusal(_ name: String) async -> ServiceError? {
                do {
                    try await owner.access.grantServer(to: name, by: Self.user)
                    return nil
                } catch {
                    return error as? ServiceError
                }
            }
            #expect(await refusal("postgres")?.code == .conflict)
            #expect(await refusal("nobody \"here\"")?.code == .notFound)
            #expect(await refusal("")?.code == .notFound)
            let schema = role.options.schema ?? ""
            try await administer("GRANT CREATE ON SCHEMA \(schema) TO PUBLIC")
            #expect(await refusal(role.name)?.message.contains("REVOKE CREATE") == true)
            try await administer(
                "REVOKE CREATE ON SCHEMA \(schema) FROM PUBLIC; GRANT CREATE ON SCHEMA \(schema) TO \(role.name)")
            #expect(await refusal(role.name) == nil, "its own right is taken back")
            try await administer("GRANT postgres TO \(role.name)")
            #expect(await refusal(role.name)?.code == .conflict)
        }
    }

    @Test func aFileHasNoRoles() async throws {
        try await Engine.with(.sqliteMemory) { engine in
            let error = await #expect(throws: ServiceError.self) {
                try await engine.services.access.grantServer(to: "plue", by: Self.user)
            }
            #expect(error?.code == .invalidInput && error?.message.contains("SQLite") == true)
        }
    }
}
