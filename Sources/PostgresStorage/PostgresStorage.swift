public import Storage
import Synchronization

/// A PostgreSQL database, by connections of a pool.
public final class PostgresStorage: StorageBackend {
    struct Counts {
        var transactions = 0
        var retries = 0
    }

    let opening: PostgresOpening
    let pool: ConnectionPool<PostgresConnection>
    let counts = Mutex(Counts())
    let listener: PostgresListener
    let notifier = PostgresNotifier()

    var options: PostgresOptions { opening.options }

    private init(_ opening: PostgresOpening) {
        self.opening = opening
        listener = PostgresListener(opening)
        pool = ConnectionPool(
            limit: opening.options.maxConnections, acquireTimeout: opening.options.acquireTimeout,
            idleTimeout: opening.options.idleTimeout,
            open: { () async throws(StorageError) in try await opening.connection() },
            close: { await $0.close() })
    }

    /// Connects once and checks the server: PostgreSQL 13 or newer, a database in UTF-8, `fsync` on.
    ///
    /// `connectionString` is libpq's: `postgres://user@host/database?sslmode=verify-full`, or `host=… dbname=…`. Throws
    /// `unavailable` if the server cannot be reached until `openDeadline`, is not as needed, or libpq is missing;
    /// `permission` if it refuses the user.
    public static func open(
        _ connectionString: String, options: PostgresOptions = .init()
    ) async throws(StorageError) -> PostgresStorage {
        let storage = PostgresStorage(PostgresOpening(connectionString: connectionString, options: options))
        await storage.pool.release(try await storage.pool.lease())
        return storage
    }

    public var dialect: Dialect { .postgres }

    public var metrics: StorageMetrics {
        let counts = counts.withLock { $0 }
        return StorageMetrics(
            readers: pool.metrics, writersWaiting: 0, transactions: counts.transactions, commits: counts.transactions,
            retries: counts.retries)
    }

    public func read<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R {
        try await retrying { connection in
            let lease = InterruptibleLease(connection.handle)
            return await withTaskCancellationHandler {
                let attempt = await connection.attempt(.read, body)
                lease.end()
                if case .failed(let error as StorageError) = attempt, error.code == .interrupted, Task.isCancelled {
                    return .failed(StorageError(.cancelled, "the task was cancelled while it read"))
                }
                return attempt
            } onCancel: {
                lease.interrupt()
            }
        }
    }

    @discardableResult
    public func transaction<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R {
        let result = try await retrying { connection in await connection.attempt(.write, body) }
        counts.withLock { $0.transactions += 1 }
        return result
    }

    @discardableResult
    public func withConnection<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) async throws -> R
    ) async throws -> R {
        while true {
            let connection = try await pool.lease()
            let result: R?
            do {
                result = try await connection.lend(body)
            } catch {
                await pool.release(connection, reusable: connection.handle.isReusable)
                throw error
            }
            await pool.release(connection, reusable: connection.handle.isReusable)
            if let result { return result }
        }
    }

    /// Asks the server for a sign of life.
    public func ping() async throws {
        try await withConnection { db in _ = try db.execute(Statement(sql: "SELECT 1")) }
    }

    public func close() async {
        await notifier.drain()
        listener.close()
        await pool.shutdown()
    }
}
