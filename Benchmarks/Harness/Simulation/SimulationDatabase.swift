internal import Migrations
internal import SQLiteStorage
internal import Services
internal import Storage

/// Where simulations run.
package enum SimulationDatabase: Sendable {
    /// A new one in memory for each seed, with a virtual clock.
    case memory
    /// A server by its connection string; each seed has a schema of its own. Its clock cannot be set: instead the times
    /// that are stored are moved.
    case postgres(String)

    package var name: String {
        switch self {
        case .memory: "sqlite"
        case .postgres: "postgres"
        }
    }

    /// Actions of one step that race each other on connections of their own; 1 where there is one writer.
    var width: Int {
        switch self {
        case .memory: 1
        case .postgres: 6
        }
    }

    /// Runs `body` on an empty, migrated database, which is removed afterwards.
    func with<R>(
        seed: UInt64, _ body: (any StorageBackend, VirtualClock?) async throws -> R
    ) async throws -> R {
        switch self {
        case .memory:
            let clock = VirtualClock()
            let backend = try SQLiteStorage.open(
                path: ":memory:", options: SQLiteOptions(clock: clock.databaseClock))
            do {
                try await Services(backend: backend).apply(Migrations.sqlite)
                let result = try await body(backend, clock)
                await backend.close()
                return result
            } catch {
                await backend.close()
                throw error
            }
        case .postgres(let connection):
            let database = try await BenchmarkTarget.postgres(connection).database(
                "simulate_\(seed)", connections: width + 2)
            do {
                try await Services(backend: database.backend).apply(Migrations.postgres)
                let result = try await body(database.backend, nil)
                try await database.remove()
                return result
            } catch {
                try? await database.remove()
                throw error
            }
        }
    }
}
