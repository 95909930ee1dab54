import Storage
import Synchronization

/// A database that ends its caller's work after so many transactions, as a kill between two of them does.
final class CutBackend: StorageBackend {
    struct Killed: Error {}

    private let inner: any StorageBackend
    private let left: Mutex<Int>

    init(_ inner: any StorageBackend, after transactions: Int) {
        self.inner = inner
        left = Mutex(transactions)
    }

    var dialect: Dialect { inner.dialect }
    var metrics: StorageMetrics { inner.metrics }

    func read<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R {
        try await inner.read(body)
    }

    func transaction<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R {
        try left.withLock { left in
            guard left > 0 else { throw Killed() }
            left -= 1
        }
        return try await inner.transaction(body)
    }

    func withConnection<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) async throws -> R
    ) async throws -> R {
        try await inner.withConnection(body)
    }

    func close() async {}
}
