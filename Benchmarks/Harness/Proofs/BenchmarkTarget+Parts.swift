internal import Storage

extension BenchmarkTarget {
    var isPostgres: Bool { if case .postgres = self { true } else { false } }

    /// Makes an empty database for `body`, and removes it whatever becomes of that.
    func with(
        _ name: String, connections: Int = 4, synchronousCommit: Bool = true,
        _ body: (BenchmarkDatabase) async throws -> Void
    ) async throws {
        let database = try await database(name, connections: connections, synchronousCommit: synchronousCommit)
        do {
            try await body(database)
        } catch {
            try? await database.remove()
            throw error
        }
        try await database.remove()
    }

    /// Lets PostgreSQL clean up what earlier measurements left, before the next one begins.
    func clean(_ database: BenchmarkDatabase) async throws {
        guard isPostgres else { return }
        try await database.backend.withConnection { db in
            for table in ["job_queue", "leases", "live_runs", "job_executions", "execution_needs"] {
                _ = try db.execute(Statement(sql: "VACUUM (ANALYZE) actions_\(table)"))
            }
        }
    }

    /// What the server would do in its own time with very many new rows, and beside what is measured.
    func settle(_ database: BenchmarkDatabase) async throws {
        guard isPostgres else { return }
        try await database.backend.withConnection { db in
            _ = try db.execute(Statement(sql: "VACUUM (ANALYZE)"))
            _ = try db.execute(Statement(sql: "CHECKPOINT"))
        }
    }
}
