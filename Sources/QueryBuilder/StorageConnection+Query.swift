public import Storage

extension StorageConnection {
    /// Runs a statement and returns all its rows.
    @discardableResult
    public func run(_ query: some Query) throws(StorageError) -> Rows {
        try execute(query.statement(for: dialect))
    }

    /// Runs a statement written by hand.
    @discardableResult
    public func run(_ sql: SQL) throws(StorageError) -> Rows {
        try execute(sql.statement(for: dialect))
    }

    /// Runs statements in order, in PostgreSQL in one round trip.
    @discardableResult
    public func run(_ queries: [any Query]) throws(StorageError) -> [Rows] {
        try pipeline(queries.map { $0.statement(for: dialect) })
    }

    /// Runs statements of which nothing is to come back in one round trip; inserts of many rows among them are divided
    /// as the database likes. With `finishing` they are the last ones of their transaction.
    public func runAll(_ queries: [any Query], finishing: Bool = false) throws(StorageError) {
        var statements: [Statement] = []
        for query in queries {
            if let insert = query as? Insert, !insert.isWhole {
                statements += try insert.statements(dialect)
            } else {
                statements.append(query.statement(for: dialect))
            }
        }
        _ = finishing ? try self.finishing(statements) : try pipeline(statements)
    }

    /// The first row, or nil. Give the query a limit if it can have many.
    public func first(_ query: some Query) throws(StorageError) -> Row? {
        try run(query).first
    }

    /// The first row of a statement written by hand, or nil.
    public func first(_ sql: SQL) throws(StorageError) -> Row? {
        try run(sql).first
    }

    /// The first row; throws `missingRow` with `subject` if there is none.
    public func one(_ query: some Query, _ subject: String? = nil) throws(StorageError) -> Row {
        guard let row = try run(query).first else {
            throw StorageError(.missingRow, subject: subject, "\(subject ?? "a row") is not there")
        }
        return row
    }
}
