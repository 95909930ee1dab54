import Storage

/// One connection to PostgreSQL, on a thread of its own.
actor PostgresConnection: StorageConnection {
    nonisolated let thread: ConnectionThread
    /// For this actor only, except its `handle`.
    nonisolated let session: PostgresSession
    nonisolated let options: PostgresOptions
    nonisolated let settings: SessionSettings
    var cache: StatementCache
    var state = TransactionState()
    /// The server's life, once it was asked for: it lasts as long as the connection. `isPrepared`: the statement that
    /// gives a transaction's number stands ready.
    var life: (text: String, isPrepared: Bool)?
    /// A statement of this lease may have left something in the session.
    var isTouched = false
    /// The types of the columns that were copied into, by table and columns.
    var copyTypes: [String: [UInt32]] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    nonisolated var dialect: Dialect { .postgres }
    nonisolated var handle: PostgresHandle { session.handle }

    init(_ session: PostgresSession, _ thread: ConnectionThread, _ settings: SessionSettings, options: PostgresOptions)
    {
        self.session = session
        self.thread = thread
        self.options = options
        self.settings = settings
        cache = StatementCache(limit: options.statementCacheSize)
    }

    deinit {
        thread.stop()
    }

    var inTransaction: Bool {
        guard handle.isReusable || handle.wasInterrupted else { return false }
        if state.mode != .none { return state.commit == nil }
        return !state.pending.isEmpty || session.status != 0
    }

    func execute(_ statement: Statement) throws(StorageError) -> Rows {
        if try deferred(statement.sql) { return Rows(changes: 0) }
        return try perform([statement])[0]
    }

    func pipeline(_ statements: [Statement]) throws(StorageError) -> [Rows] {
        try perform(statements)
    }

    func finishing(_ statements: [Statement]) throws(StorageError) -> [Rows] {
        guard state.mode == .write, state.depth == 0 else { return try perform(statements) }
        if statements.isEmpty, !state.hasBegun {
            try checkUsable()
            state.commit = .done
            return []
        }
        return try perform(statements, commit: true)
    }

    func executeScript(_ script: String) throws(StorageError) {
        try run(try PostgresScript(script))
    }

    nonisolated func interrupt() {
        handle.interrupt()
    }

    /// Before anything is sent.
    func checkUsable() throws(StorageError) {
        if handle.isStopped { throw StorageError(.interrupted, "the statement was interrupted") }
        if state.commit != nil {
            throw StorageError(.misuse, "the transaction was committed by `finishing`: nothing can follow it")
        }
    }

    /// Keeps a savepoint's statement for the next one, or needs none at all.
    private func deferred(_ sql: String) throws(StorageError) -> Bool {
        switch sql {
        case TransactionState.savepoint:
            try checkUsable()
            if let failure = state.failure { throw failure }
            state.pending.append(sql)
            state.depth += 1
            return true
        case TransactionState.release:
            try checkUsable()
            // The body of the savepoint hid an error: it is undone, not kept.
            if let failure = state.failure { throw failure }
            if state.pending.last == TransactionState.savepoint {
                state.pending.removeLast()
            } else {
                state.pending.append(sql)
            }
            state.depth -= 1
            return true
        case TransactionState.rollbackToSavepoint:
            // Nothing was sent since the savepoint.
            return state.pending.last == TransactionState.savepoint
        default:
            return false
        }
    }
}
