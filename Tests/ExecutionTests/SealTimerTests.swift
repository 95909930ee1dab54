import Foundation
import Migrations
import Model
import SQLiteStorage
import Services
import Storage
import Testing

@testable import Execution

/// When a server seals the audit log.
@Suite struct SealTimerTests {
    private static func counts(_ services: Services) async throws -> [Int64] {
        try await services.backend.read { db in
            try ["log", "leaves", "checkpoints"].map { table in
                try #require(
                    try db.execute(Statement(sql: "SELECT count(*) AS n FROM actions_audit_\(table)")).first)["n"]
            }
        }
    }

    @Test func whatComesIsSealedAndKeptOutside() async throws {
        let folder = try TestFolder()
        let services = try await Services.open(
            try SQLiteStorage.open(path: ":memory:"), migrations: Migrations.sqlite,
            keyring: SecretKeyring.file("\(folder.path)/root.key"))
        let timer = SealTimer(folder: "\(folder.path)/checkpoints")
        try await services.retention.set(.logs, days: 30, by: .system)
        try await timer.tick(services)
        var counts = try await Self.counts(services)
        #expect(counts[0] == counts[1] && counts[2] == 1)
        let name = try #require(try await services.audit.key()).name
        let file = CheckpointFile(folder: "\(folder.path)/checkpoints", origin: name)
        #expect(Files.exists(file.path))
        // It was busy: what came meanwhile is sealed by the next tick; then it rests.
        try await services.retention.set(.logs, days: 40, by: .system)
        try await timer.tick(services)
        try await timer.tick(services)
        try await timer.tick(services)
        counts = try await Self.counts(services)
        #expect(counts[0] == counts[1] && counts[2] == 2)
        let keys = try await services.audit.keys()
        let report = try await services.audit.verify(outside: try CheckpointNotes(file.path, keys: keys))
        #expect(report.problems.isEmpty && report.outsideCheckpoints == 2)
        await services.backend.close()
    }

    /// A key that does not fit is told once a minute, not every second.
    @Test func afterAnErrorItRests() async throws {
        let folder = try TestFolder()
        let backend = try SQLiteStorage.open(path: ":memory:")
        let services = try await Services.open(
            backend, migrations: Migrations.sqlite, keyring: SecretKeyring.file("\(folder.path)/root.key"))
        try await services.retention.set(.logs, days: 30, by: .system)
        try await SealTimer(folder: nil).tick(services)
        let other = Services(backend: backend, keyring: SecretKeyring.file("\(folder.path)/other.key"))
        let timer = SealTimer(folder: nil)
        await #expect(throws: (any Error).self) { try await timer.tick(other) }
        try await timer.tick(other)
        await backend.close()
    }
}
