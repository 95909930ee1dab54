import BenchmarkHarness
import Foundation
import TestDatabases

/// SQLite in a folder of its own, and the server where there is one.
enum Targets {
    static var all: [BenchmarkTarget] {
        get throws {
            let folder = NSTemporaryDirectory() + "plue-\(UUID().uuidString)"
            return [.sqlite(folder: folder)] + (TestServer.isExpected ? [.postgres(try TestServer.string())] : [])
        }
    }

    /// Makes and removes its folder. Databases of one name in one process would meet: one after the other.
    static func with<R: Sendable>(
        _ target: BenchmarkTarget, _ body: @Sendable (BenchmarkTarget) async throws -> R
    ) async throws -> R {
        guard case .sqlite(let folder) = target else { return try await body(target) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(target)
    }
}
