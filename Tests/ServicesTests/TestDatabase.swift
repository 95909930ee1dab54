import Foundation
import Migrations
import SQLiteStorage
import Storage
import TestDatabases
import Testing

/// The databases that every test of the services runs on.
enum TestDatabase: String, CaseIterable, Sendable {
    case sqliteMemory
    case sqliteFile
    case postgres

    /// PostgreSQL is among them if there is one: in CI there must be.
    static var allCases: [TestDatabase] {
        TestServer.isExpected ? [.sqliteMemory, .sqliteFile, .postgres] : [.sqliteMemory, .sqliteFile]
    }

    var migrations: [Migration] { self == .postgres ? Migrations.postgres : Migrations.sqlite }

    /// Opens an empty database, runs `body`, closes it and removes what it left.
    func with<R>(
        clock: DatabaseClock = .system, _ body: (any StorageBackend) async throws -> R
    ) async throws -> R {
        let options = SQLiteOptions(busyTimeout: .seconds(300), acquireTimeout: .seconds(300), clock: clock)
        switch self {
        case .sqliteMemory:
            return try await run(try SQLiteStorage.open(path: ":memory:", options: options), body)
        case .sqliteFile:
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plue-sv-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            return try await run(
                try SQLiteStorage.open(path: folder.appendingPathComponent("test.db").path, options: options), body)
        case .postgres:
            return try await withPostgres { try await body($0) }
        }
    }

    private func run<R>(_ storage: any StorageBackend, _ body: (any StorageBackend) async throws -> R) async throws -> R
    {
        do {
            let result = try await body(storage)
            await storage.close()
            return result
        } catch {
            await storage.close()
            throw error
        }
    }
}
