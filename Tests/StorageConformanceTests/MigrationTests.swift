import Migrations
import QueryBuilder
import Storage
import Testing

@Suite struct MigrationTests {
    private static let first = Migration(version: 1, name: "runs", script: "CREATE TABLE a (id BIGINT PRIMARY KEY);")
    private static let second = Migration(
        version: 2, name: "jobs",
        script: """
            -- a comment; with a semicolon
            CREATE TABLE b (id BIGINT PRIMARY KEY, t TEXT DEFAULT ';--');
            /* another; */ INSERT INTO b (id, t) VALUES (1, 'it''s; fine');
            INSERT INTO a (id) VALUES (7);
            """)

    private func rows(_ storage: any StorageBackend, _ table: StaticString) async throws -> Int {
        try await storage.read { db in try db.run("SELECT * FROM \(raw: table)").count }
    }

    private func migrate(_ storage: any StorageBackend, _ migrations: [Migration]) async throws -> Int {
        try await Migrator(migrations).migrate(storage)
    }

    @Test(arguments: Backend.allCases)
    func appliesWhatIsMissing(backend: Backend) async throws {
        try await backend.with { storage in
            #expect(try await Migrator([Self.first, Self.second]).pending(storage).count == 2)
            #expect(try await migrate(storage, [Self.first]) == 1)
            #expect(try await migrate(storage, [Self.first, Self.second]) == 1)
            #expect(try await migrate(storage, [Self.first, Self.second]) == 0)
            let rows = try await storage.read { db in
                try db.run(
                    Select("name", "checksum", "applied_at").from("actions_schema_migrations").orderBy("version"))
            }
            let (name, checksum): (String, String) = (try rows[1]["name"], try rows[1]["checksum"])
            let at: Timestamp = try rows[0]["applied_at"]
            #expect(rows.count == 2 && name == "jobs" && checksum == Self.second.checksum && at.microseconds > 0)
        }
    }

    @Test func checksumIsSHA256() {
        #expect(
            Migration(version: 1, name: "x", script: "abc").checksum
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(arguments: Backend.allCases)
    func refusesWhatDoesNotFit(backend: Backend) async throws {
        try await backend.with { storage in
            _ = try await migrate(storage, [Self.first, Self.second])
            func refuses(_ expected: StorageError.Code, _ subject: String, _ migrations: [Migration]) async {
                await #expect { try await migrate(storage, migrations) } throws: { error in
                    code(error) == expected && (error as? StorageError)?.subject == subject
                }
            }
            let third = Migration(version: 3, name: "more", script: "CREATE TABLE c (id BIGINT PRIMARY KEY)")
            let edited = Migration(version: 1, name: "runs", script: Self.first.script + " ")
            await refuses(.migrationChanged, "0001_runs", [edited, Self.second, third])
            await refuses(.newerSchema, "0002_jobs", [Self.first])
            await refuses(.newerSchema, "0002_jobs", [])
            await refuses(.migrationMissing, "0003_more", [Self.first, third])
            await refuses(
                .migrationOutOfOrder, "0001_runs",
                [Self.second, Self.first].map {
                    Migration(version: $0.version == 2 ? 1 : 1, name: $0.name, script: $0.script)
                })
            try await storage.transaction { db in
                try db.run(Delete("actions_schema_migrations").where("version = 1"))
            }
            await refuses(.migrationOutOfOrder, "0001_runs", [Self.first, Self.second, third])
            await #expect { try await storage.read { db in try db.run("SELECT 1 FROM c").count } } throws: {
                code($0) == .noSuchTable
            }
        }
    }

    /// A script that fails at any of its statements leaves the old schema, and the next try works.
    @Test(arguments: Backend.allCases)
    func aFailureLeavesTheOldSchema(backend: Backend) async throws {
        let statements = [
            "CREATE TABLE b (id BIGINT PRIMARY KEY);", "INSERT INTO b (id) VALUES (1);",
            "ALTER TABLE a ADD COLUMN n BIGINT;", "CREATE INDEX a_n ON a (n);",
        ]
        try await backend.with { storage in
            _ = try await migrate(storage, [Self.first])
            for failing in 0...statements.count {
                var script = statements
                script.insert("INSERT INTO a (id) VALUES ('x', 2);", at: failing)
                let broken = Migration(version: 2, name: "jobs", script: script.joined(separator: "\n"))
                await #expect { try await migrate(storage, [Self.first, broken]) } throws: { error in
                    code(error) == .migrationFailed && (error as? StorageError)?.subject == "0002_jobs"
                }
                #expect(try await rows(storage, "actions_schema_migrations") == 1)
                await #expect(throws: StorageError.self) { try await rows(storage, "b") }
                await #expect(throws: StorageError.self) {
                    try await storage.read { db in try db.run("SELECT n FROM a").count }
                }
            }
            let good = Migration(version: 2, name: "jobs", script: statements.joined(separator: "\n"))
            #expect(try await migrate(storage, [Self.first, good]) == 1)
        }
    }

    @Test(arguments: Backend.allCases)
    func manyAtOnceLeaveOneWinner(backend: Backend) async throws {
        try await backend.with { storage in
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await migrate(storage, [Self.first, Self.second]) } }
                return try await group.reduce(0, +)
            }
            #expect(total == 2)
            #expect(try await rows(storage, "b") == 1)
        }
    }

    @Test(arguments: [Backend.sqlite, .sqliteMemory])
    func scriptsHoldTriggersAndNoTransactionControl(backend: Backend) async throws {
        try await backend.with { storage in
            let trigger = Migration(
                version: 1, name: "trigger",
                script: """
                    CREATE TABLE a (id BIGINT PRIMARY KEY, at INTEGER);
                    CREATE TRIGGER a_insert AFTER INSERT ON a BEGIN
                        UPDATE a SET at = plue_now() WHERE id = new.id;
                        SELECT CASE WHEN new.id < 0 THEN RAISE(ABORT, 'no; never') END;
                    END;
                    INSERT INTO a (id) VALUES (1)  -- no semicolon at the end
                    """)
            let applied = try await migrate(storage, [trigger])
            #expect(applied == 1)
            #expect(try await rows(storage, "a") == 1)
            await #expect {
                try await storage.transaction { db in try db.run(Insert("a").values(["id": -1])).changes }
            } throws: { code($0) == .raised && "\($0)" == "no; never" }
            for control in ["COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT x", "END"] {
                let escape = Migration(
                    version: 2, name: "escape", script: "DELETE FROM a;\n\(control);\nDELETE FROM a;")
                await #expect { try await migrate(storage, [trigger, escape]) } throws: {
                    code($0) == .migrationFailed && "\($0)".contains("line 2")
                }
                #expect(try await rows(storage, "a") == 1)
            }
        }
    }

    /// The program's own schema applies to an empty database.
    @Test(arguments: Backend.allCases)
    func embeddedMigrationsApply(backend: Backend) async throws {
        try await backend.with { storage in
            guard storage.dialect == .sqlite else { return }
            let migrations = Migrations.sqlite
            #expect(!migrations.isEmpty)
            #expect(migrations.map(\.version) == Array(1...migrations.count))
            #expect(try await migrate(storage, migrations) == migrations.count)
            #expect(try await migrate(storage, migrations) == 0)
            let broken = try await storage.read { db in try db.run("PRAGMA foreign_key_check").count }
            #expect(broken == 0)
        }
    }
}
