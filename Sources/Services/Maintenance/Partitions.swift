internal import QueryBuilder
internal import Storage

/// The monthly partitions of logs, transitions and audit bodies, where the database has partitions.
enum Partitions {
    /// This month and so many after it.
    private static let monthsAhead = 3

    /// Makes those that are missing from the month of `first` on (nil: now) until the months ahead; returns how many it
    /// made. Quick when there is nothing to do.
    @discardableResult
    static func ensure(
        _ backend: any StorageBackend, from first: Timestamp? = nil, months: Int = monthsAhead + 1
    ) async throws -> Int64 {
        guard backend.dialect.hasPartitions else { return 0 }
        return try await backend.transaction { db in
            // Two that begin at once would both find that they are missing, and the second would fail.
            if let lock = db.dialect.migrationLock { _ = try db.execute(Statement(sql: lock)) }
            let start = try first ?? RunScheduler.time(on: db)
            let made: Int64 = try db.one(
                "SELECT actions_ensure_partitions(\(start), \(months)) AS made" as SQL, "partitions")["made"]
            if made > 0 { try db.run("SELECT actions_protect_partitions()") }
            return made
        }
    }
}
