/// One connection to a database: an actor whose executor is a thread of its own, so that blocking calls harm no one and
/// a body that is isolated to it runs all of its statements without a hop.
///
/// Connections are leased exclusively by their backend; a body must not keep its connection beyond its end.
public protocol StorageConnection: Actor {
    nonisolated var dialect: Dialect { get }

    /// Runs one statement to its end and returns every row. After an error the surrounding transaction may be gone
    /// (always in PostgreSQL, on some errors in SQLite); the backend's transactions see to that.
    func execute(_ statement: Statement) throws(StorageError) -> Rows

    /// Runs statements in order, in PostgreSQL in one round trip; stops at the first error.
    func pipeline(_ statements: [Statement]) throws(StorageError) -> [Rows]

    /// Runs a transaction's last statements as a pipeline and, where the database has round trips, commits in the same
    /// one: afterwards the body must not use the connection, and its error would undo nothing. Inside a savepoint or
    /// outside `transaction` a plain pipeline.
    func finishing(_ statements: [Statement]) throws(StorageError) -> [Rows]

    /// Runs a text of several statements without parameters: a migration. Transaction control in it is refused.
    func executeScript(_ script: String) throws(StorageError)

    /// True inside a transaction.
    var inTransaction: Bool { get }

    /// Stops the running statement, which throws `interrupted`; nothing happens if none runs. From any thread.
    nonisolated func interrupt()
}

extension StorageConnection {
    public func pipeline(_ statements: [Statement]) throws(StorageError) -> [Rows] {
        var results: [Rows] = []
        results.reserveCapacity(statements.count)
        for statement in statements {
            results.append(try execute(statement))
        }
        return results
    }

    public func finishing(_ statements: [Statement]) throws(StorageError) -> [Rows] {
        try pipeline(statements)
    }

    /// Runs `body` so that its changes are undone if it throws, while the transaction goes on; may be nested. Use the connection
    /// that the body is given: the compiler cannot check nested closures that share an outer one.
    public func savepoint<R>(_ body: (isolated any StorageConnection) throws -> R) throws -> R {
        try openSavepoint()
        do {
            let result = try body(self)
            try releaseSavepoint()
            return result
        } catch {
            try undoSavepoint()
            throw error
        }
    }

    /// The steps of ``savepoint(_:)``, for a body that cannot be a closure.
    public func openSavepoint() throws(StorageError) {
        guard inTransaction else {
            throw StorageError(.misuse, "a savepoint needs a transaction around it")
        }
        _ = try execute(Statement(sql: "SAVEPOINT plue_nested"))
    }

    /// Keeps what was done since the newest savepoint.
    public func releaseSavepoint() throws(StorageError) {
        _ = try execute(Statement(sql: "RELEASE SAVEPOINT plue_nested"))
    }

    /// Undoes what was done since the newest savepoint.
    public func undoSavepoint() throws(StorageError) {
        // A full disk or an interrupted statement may have ended the whole transaction already.
        guard inTransaction else { return }
        _ = try execute(Statement(sql: "ROLLBACK TO SAVEPOINT plue_nested"))
        try releaseSavepoint()
    }
}
