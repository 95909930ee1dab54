import CSQLite3
import Storage

/// One connection to a SQLite file, on a thread of its own.
actor SQLiteConnection: StorageConnection {
    nonisolated let thread: ConnectionThread
    private nonisolated let handle: SQLiteHandle
    private var cache: StatementCache
    /// Statements that write are refused. Not by `PRAGMA query_only`, which makes SQLite compile every statement anew.
    var isReading = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    nonisolated var dialect: Dialect { .sqlite }

    /// Takes over an open handle.
    init(_ handle: SQLiteHandle, _ thread: ConnectionThread, options: SQLiteOptions) {
        self.handle = handle
        self.thread = thread
        cache = StatementCache(limit: options.statementCacheSize)
    }

    deinit {
        thread.stop()
    }

    var inTransaction: Bool { handle.inTransaction }

    func execute(_ statement: Statement) throws(StorageError) -> Rows {
        if handle.isStopped { throw StorageError(.interrupted, "the statement was interrupted") }
        let prepared = try cache.statement(statement.sql, handle)
        if isReading, !prepared.isReadOnly { throw Self.readOnly }
        return try prepared.run(statement.parameters)
    }

    func execute(_ sql: String) throws(StorageError) {
        _ = try execute(Statement(sql: sql))
    }

    func executeScript(_ script: String) throws(StorageError) {
        if isReading { throw Self.readOnly }
        try SQLiteScript(text: script).run(handle)
    }

    private static let readOnly = StorageError(.readOnly, "a read transaction writes nothing")

    nonisolated func interrupt() {
        handle.interrupt()
    }

    /// From any thread: while true, running and later statements throw `interrupted`.
    nonisolated func setStopped(_ stopped: Bool) {
        handle.isStopped = stopped
    }

    /// Runs `body` in a read transaction: one snapshot.
    func readTransaction<R: Sendable>(
        _ body: @Sendable (isolated any StorageConnection) throws -> R
    ) throws -> R {
        try execute("BEGIN")
        do {
            let result = try body(self)
            if inTransaction { try execute("COMMIT") }
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    /// Lends the connection to a body that may suspend; a transaction that it leaves open is rolled back.
    func lend<R: Sendable>(
        _ body: @Sendable (isolated any StorageConnection) async throws -> R
    ) async throws -> R {
        defer { rollBack() }
        return try await body(self)
    }

    /// Ends a transaction if SQLite has not done so itself, as it does when the disk is full.
    func rollBack() {
        if inTransaction { _ = try? cache.statement("ROLLBACK", handle).run([]) }
    }

    func close() {
        cache.removeAll()
        handle.close()
    }
}
