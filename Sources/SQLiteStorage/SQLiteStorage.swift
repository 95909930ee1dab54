public import Storage

/// A SQLite database file: one connection writes, with group commit, and a few read.
public final class SQLiteStorage: StorageBackend {
    private let writer: SQLiteWriter
    private let readers: ConnectionPool<SQLiteConnection>
    /// A database in memory belongs to one connection, which reads too.
    private let inMemory: Bool
    private let identity: FileIdentity?

    private init(_ opening: SQLiteOpening) throws(StorageError) {
        let options = opening.options
        inMemory = opening.path.isEmpty || opening.path == ":memory:"
        let connection = try opening.writer()
        identity = inMemory ? nil : FileIdentity(path: opening.path)
        writer = SQLiteWriter(connection, groupLimit: options.groupLimit)
        readers = ConnectionPool(
            limit: options.readers, acquireTimeout: options.acquireTimeout,
            open: { () async throws(StorageError) in try await opening.reader() },
            close: { await $0.close() })
    }

    /// Opens the file, and makes it if it is not there; `:memory:` is a database of its own. The path is a plain one,
    /// not a URI. Readers and their threads are made when they are first needed.
    ///
    /// Throws `unavailable`, `permission`, `readOnly`, `notADatabase`, `corrupt`, `busy`, `full` or `io`, each with the
    /// path and what to do.
    public static func open(
        path: String, options: SQLiteOptions = SQLiteOptions()
    ) throws(StorageError) -> SQLiteStorage {
        guard !path.utf8.contains(0) else { throw StorageError(.invalidValue, "a path cannot contain a NUL") }
        return try SQLiteStorage(SQLiteOpening(path: path, options: options))
    }

    public var dialect: Dialect { .sqlite }

    public var metrics: StorageMetrics {
        let totals = writer.totals
        return StorageMetrics(
            readers: readers.metrics, writersWaiting: writer.waiting, transactions: totals.transactions,
            commits: totals.commits, retries: totals.retries)
    }

    public func read<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R {
        guard !inMemory else {
            let box = ResultBox<R>()
            try await writer.transaction { db in
                db.isReading = true
                defer { db.isReading = false }
                box.store(try body(db))
            }
            guard let value = box.stored else {
                throw StorageError(.other, "a transaction ended without its result")
            }
            return value
        }
        return try await readers.withLease { connection in
            let lease = InterruptibleLease(connection)
            return try await withTaskCancellationHandler {
                defer { lease.end() }
                do {
                    return try await connection.readTransaction(body)
                } catch let error as StorageError where error.code == .interrupted && Task.isCancelled {
                    throw StorageError(.cancelled, "the task was cancelled while it read")
                }
            } onCancel: {
                lease.interrupt()
            }
        }
    }

    @discardableResult
    public func transaction<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R {
        let box = ResultBox<R>()
        try await writer.transaction { db in box.store(try body(db)) }
        guard let value = box.stored else {
            throw StorageError(.other, "a transaction ended without its result")
        }
        return value
    }

    @discardableResult
    public func withConnection<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) async throws -> R
    ) async throws -> R {
        let lease = try await writer.beginExclusive()
        defer { writer.endExclusive() }
        return try await SQLiteWriter.$lease.withValue(lease) { try await writer.connection.lend(body) }
    }

    public func checkPlace() throws(StorageError) {
        try identity?.check()
    }

    public func close() async {
        await readers.shutdown()
        await writer.close()
    }
}
