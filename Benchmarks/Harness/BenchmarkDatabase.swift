internal import Glibc
internal import SQLiteStorage
package import Storage

/// An open database of a benchmark.
package struct BenchmarkDatabase: Sendable {
    package let target: BenchmarkTarget
    package let backend: any StorageBackend
    /// The file or the schema.
    package let place: String

    /// Closes it and removes what it left.
    package func remove() async throws {
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
