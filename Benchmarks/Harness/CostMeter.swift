package import Services
internal import Storage

/// Reads the plans of exactly the statements that services send.
package struct CostMeter: Sendable {
    private let database: BenchmarkDatabase

    package init(_ database: BenchmarkDatabase) {
        self.database = database
    }

    /// What `operation` costs. PostgreSQL explains each statement where it stands, then runs it; in SQLite the
    /// operation's writes are undone, and another connection runs the same statements and counts.
    package func cost(of operation: (Services) async throws -> Void) async throws -> OperationCost {
        switch database.target {
        case .postgres:
            let observer = ExplainingObserver()
            try await operation(Self.services(ObservedBackend(database.backend, observer)))
            return observer.cost
        case .sqlite:
            let observer = ReplayObserver()
            do {
                try await operation(Self.services(ObservedBackend(database.backend, observer)))
            } catch is ReplayObserver.Undone {
                // As it should be.
            }
            let probe = try SQLiteProbe(path: database.place)
            var cost = OperationCost()
            for transaction in observer.transactions { cost.add(try probe.run(transaction)) }
            return cost
        }
    }

    /// Secrets can be listed, not opened.
    private static func services(_ backend: any StorageBackend) -> Services {
        Services(backend: backend, keyring: .file("/nonexistent/root.key"))
    }
}
