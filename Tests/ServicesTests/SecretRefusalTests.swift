import Cryptography
import Model
import Storage
import Testing

@testable import Services

/// A secret is read only when the row that tells of it is stored.
@Suite struct SecretRefusalTests {
    private static let user = Engine.principal
    private static let runner = Principal(.runner, "one")

    private func with(
        _ database: TestDatabase, _ body: (Engine, SecretService, JobToken) async throws -> Void
    ) async throws {
        try await database.with { backend in
            let root = try RootKey(try RandomBytes.secret(RootKey.length))
            let services = try await Services.open(
                backend, migrations: database.migrations, keyring: SecretKeyring(.key(root)))
            let engine = try await Engine(services, location: "/r")
            let secrets = try #require(services.secrets)
            var bytes = Array("a stored value".utf8)
            try await secrets.set(
                "A", SecretBytes(consuming: &bytes), of: .repository(engine.repository.id), by: Self.user)
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim(1).first)
            try await body(engine, secrets, message.assignment.token)
            try await engine.check()
        }
    }

    private func reads(_ engine: Engine) async throws -> Int {
        try await engine.rows("SELECT id FROM actions_audit_log WHERE action = 'secret.read'").count
    }

    @Test(arguments: TestDatabase.allCases, ["actions_audit_log", "actions_audit_bodies"])
    func aTriggerThatRefusesTheRowRefusesTheRead(_ database: TestDatabase, _ table: String) async throws {
        try await with(database) { engine, secrets, token in
            #expect(try await secrets.values(for: token, by: Self.runner).count == 1)
            switch database {
            case .sqliteMemory, .sqliteFile:
                try await engine.write(
                    "CREATE TRIGGER full BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'no room'); END")
            case .postgres:
                try await engine.write(
                    """
                    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$
                    """)
                try await engine.write(
                    "CREATE TRIGGER full_now BEFORE INSERT ON \(table) FOR EACH ROW EXECUTE FUNCTION full_disk()")
            }
            let error = await #expect(throws: StorageError.self) {
                try await secrets.values(for: token, by: Self.runner)
            }
            #expect(error?.message.contains("a stored value") == false)
            #expect(try await reads(engine) == 1)
            switch database {
            case .sqliteMemory, .sqliteFile: try await engine.write("DROP TRIGGER full")
            case .postgres: try await engine.write("DROP TRIGGER full_now ON \(table)")
            }
            #expect(try await secrets.values(for: token, by: Self.runner).count == 1)
        }
    }

    /// Each read takes some room; the first that finds none reads nothing.
    @Test func aFullDiskRefusesTheRead() async throws {
        try await with(.sqliteFile) { engine, secrets, token in
            let pages = try await engine.rows("SELECT page_count AS n FROM pragma_page_count()")
            let count: Int64 = try #require(try pages.first?["n"])
            try await engine.services.backend.withConnection { db in
                _ = try db.execute(Statement(sql: "PRAGMA max_page_count = \(count)"))
            }
            var done = 0
            var failure: StorageError?
            while failure == nil, done < 10_000 {
                do {
                    #expect(try await secrets.values(for: token, by: Self.runner).count == 1)
                    done += 1
                } catch let error as StorageError {
                    failure = error
                }
            }
            #expect(failure?.code == .full, "\(failure as Any)")
            #expect(try await reads(engine) == done)
            try await engine.services.backend.withConnection { db in
                _ = try db.execute(Statement(sql: "PRAGMA max_page_count = 1000000"))
            }
            #expect(try await secrets.values(for: token, by: Self.runner).count == 1)
        }
    }
}
