import Foundation
import Migrations
import Model
import Storage
import Testing

@testable import Services

/// A database as an earlier plue left it: the migrations that came since keep its rows.
@Suite struct OldDatabaseTests {
    private static func fixture(_ database: TestDatabase) throws -> String {
        let dialect = database == .postgres ? "postgres" : "sqlite"
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
        return try String(contentsOf: folder.appendingPathComponent("migration-1.\(dialect).sql"), encoding: .utf8)
    }

    private struct Table: Equatable {
        var columns: [String]
        var rows: [[String]]
    }

    /// Every row of those tables, by table; of tables that were read before, the columns that they had.
    private static func rows(
        _ tables: [String], _ backend: any StorageBackend, as before: [String: Table] = [:]
    ) async throws -> [String: Table] {
        try await backend.read { db in
            var all: [String: Table] = [:]
            for table in tables {
                let rows = try db.execute(Statement(sql: "SELECT * FROM \(table)"))
                let columns = before[table]?.columns ?? rows.columns.names
                let values = try rows.map { row in try columns.map { name in "\(name): \(try row.value(name))" } }
                all[table] = Table(columns: columns, rows: values.sorted { $0.lexicographicallyPrecedes($1) })
            }
            return all
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func keepsItsRows(_ database: TestDatabase) async throws {
        let script = try Self.fixture(database)
        let words = script.split(separator: "\n").filter { $0.hasPrefix("INSERT INTO ") }
        let tables = Set(words.compactMap { $0.split(separator: " ").dropFirst(2).first.map(String.init) }).sorted()
        #expect(tables.count > 12)
        try await database.with { backend in
            #expect(try await Migrator(database.migrations).migrate(backend, to: 1) == 1)
            try await backend.transaction { db in try db.executeScript(script) }
            let before = try await Self.rows(tables, backend)
            #expect(before.values.reduce(0) { $0 + $1.rows.count } == words.count)

            let services = try await Services.open(backend, migrations: database.migrations)
            #expect(try await Self.rows(tables, backend, as: before) == before)
            #expect(try await services.doctor.check().isEmpty)
            var filter = AuditService.Filter()
            filter.action = "migration.apply"
            let entries = try await services.audit.list(filter, by: .system).items
            #expect(entries.count == 1 && "\(entries)".contains("0002_audit"), "\(entries)")
            let run = try #require(try await services.history.runs().first).run
            #expect(run.conclusion == .failure)
            let jobs = try await services.history.jobs(of: run.id)
            #expect(jobs.map { $0.conclusion?.rawValue } == ["success", "success", "failure"])
            #expect(try await services.logs.read(jobs[0].id).map(\.text) == ["né \"1\""])

            // And life goes on.
            let engine = try await Engine(services, location: "/r")
            #expect(engine.repository.id == run.repositoryID)
            try await engine.rerun(run, .failed)
            try await engine.finish()
            #expect(try await engine.run(run.id).conclusion == .success)
            let next = try await engine.create("  a: {runs-on: x, steps: [{run: a}]}", path: ".github/workflows/w.yml")
            #expect(next.runNumber == 2)
        }
    }
}
