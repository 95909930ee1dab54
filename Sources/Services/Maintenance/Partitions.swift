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
        return try await backend.transaction { db in try ensure(from: first, months: months, on: db) }
    }

    /// The same within a transaction.
    @discardableResult
    static func ensure(
        from first: Timestamp? = nil, months: Int = monthsAhead + 1, on db: isolated any StorageConnection
    ) throws -> Int64 {
        guard db.dialect.hasPartitions else { return 0 }
        // Two that begin at once would both find that they are missing, and the second would fail.
        if let lock = db.dialect.migrationLock { _ = try db.execute(Statement(sql: lock)) }
        let start = try first ?? RunScheduler.time(on: db)
        return try db.one(
            "SELECT actions_ensure_partitions(\(start), \(months)) AS made" as SQL, "partitions")["made"]
    }

    /// Drops the empty ones of logs and transitions from before the last two months, each in a transaction of its own
    /// that gives up after 0.2 s when the table is used; returns how many.
    @discardableResult
    static func dropEmpty(_ backend: any StorageBackend) async throws -> Int {
        guard backend.dialect.hasPartitions else { return 0 }
        var count = 0
        while try await backend.transaction({ db in
            // A job's log is of the month of its claim: five weeks ago at most.
            let before = try RunScheduler.time(on: db).advanced(by: .seconds(-2 * 31 * 86_400))
            return try db.one("SELECT actions_drop_partition(\(before)) AS dropped" as SQL, "partitions")["dropped"]
        }) {
            count += 1
        }
        return count
    }
}
