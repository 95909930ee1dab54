internal import Storage

/// A connection that shows its statements to an observer; on the thread of the connection that it stands for.
actor ObservedConnection: StorageConnection {
    private nonisolated let base: any StorageConnection
    private nonisolated let observer: any StatementObserver

    nonisolated var unownedExecutor: UnownedSerialExecutor { base.unownedExecutor }
    nonisolated var dialect: Dialect { base.dialect }

    init(_ base: any StorageConnection, _ observer: any StatementObserver) {
        self.base = base
        self.observer = observer
    }

    /// Runs a body that was given this connection instead of `base`, on whose thread the caller is.
    nonisolated func lend<R: Sendable>(_ body: @Sendable (isolated any StorageConnection) throws -> R) throws -> R {
        try assumeIsolated { connection in try body(connection) }
    }

    var inTransaction: Bool { base.here { $0.inTransaction } }

    func execute(_ statement: Statement) throws(StorageError) -> Rows {
        try observe([statement], .execute)
        return try base.checked { db throws(StorageError) in try db.execute(statement) }
    }

    func pipeline(_ statements: [Statement]) throws(StorageError) -> [Rows] {
        try observe(statements, .pipeline)
        return try base.checked { db throws(StorageError) in try db.pipeline(statements) }
    }

    func finishing(_ statements: [Statement]) throws(StorageError) -> [Rows] {
        try observe(statements, .finishing)
        return try base.checked { db throws(StorageError) in try db.finishing(statements) }
    }

    func executeScript(_ script: String) throws(StorageError) {
        try base.checked { db throws(StorageError) in try db.executeScript(script) }
    }

    nonisolated func interrupt() {
        base.interrupt()
    }

    private func observe(_ statements: [Statement], _ call: ObservedCall) throws(StorageError) {
        let observer = observer
        try base.checked { db throws(StorageError) in
            do {
                try observer.willRun(statements, call, on: db)
            } catch let error as StorageError {
                throw error
            } catch {
                throw StorageError(.other, "the observer failed: \(error)")
            }
        }
    }
}

extension StorageConnection {
    /// Runs `body` on the thread of this connection, where the caller is already.
    fileprivate nonisolated func here<R: Sendable>(_ body: @Sendable (isolated Self) -> R) -> R {
        assumeIsolated { connection in body(connection) }
    }

    fileprivate nonisolated func checked<R: Sendable>(
        _ body: @Sendable (isolated any StorageConnection) throws(StorageError) -> R
    ) throws(StorageError) -> R {
        let result: Result<R, StorageError> = assumeIsolated { connection in
            do throws(StorageError) {
                return .success(try body(connection))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
