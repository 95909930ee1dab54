internal import Glibc
internal import SQLiteStorage
internal import Storage

/// An open database of a benchmark.
struct BenchmarkDatabase: Sendable {
    let target: BenchmarkTarget
    let backend: any StorageBackend
    /// The file or the schema.
    let place: String

    /// Closes it and removes what it left.
    func remove() async throws {
        await backend.close()
        switch target {
        case .sqlite: for suffix in ["", "-wal", "-shm"] { unlink(place + suffix) }
        case .postgres(let connection):
            try await BenchmarkTarget.administer(connection, "DROP SCHEMA IF EXISTS \(place) CASCADE")
        }
    }

    func script(_ text: String) async throws {
        try await backend.withConnection { db in try db.executeScript(text) }
    }
}
