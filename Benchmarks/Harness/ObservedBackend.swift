package import Storage

/// A database whose statements an observer sees.
package struct ObservedBackend: StorageBackend {
    private let base: any StorageBackend
    private let observer: any StatementObserver

    package init(_ base: any StorageBackend, _ observer: any StatementObserver) {
        self.base = base
        self.observer = observer
    }

    package var dialect: Dialect { base.dialect }
    package var metrics: StorageMetrics { base.metrics }

    package func read<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R {
        let observer = observer
        return try await base.read { db in
            let result = try ObservedConnection(db, observer).lend(body)
            try observer.willEnd(.read, on: db)
            return result
        }
    }

    @discardableResult
    package func transaction<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R {
        let observer = observer
        return try await base.transaction { db in
            let result = try ObservedConnection(db, observer).lend(body)
            try observer.willEnd(.write, on: db)
            return result
        }
    }

    @discardableResult
    package func withConnection<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) async throws -> R
    ) async throws -> R {
        let observer = observer
        return try await base.withConnection { db in
            try await body(ObservedConnection(db, observer))
        }
    }

    package func close() async {
        await base.close()
    }
}
