public import Storage

/// A query that is printed once and then run with other values each time, for what runs thousands of times a second:
///
///     static let byKey = PreparedQuery { arguments in
///         Select("id").from("t").where("key = \(arguments[0]) AND rank < \(arguments[1])")
///     }
///     let rows = try db.run(Self.byKey, [.text("x"), .integer(5)])
///
/// Printing costs more than SQLite takes for a row; what runs once a job does not feel it.
public struct PreparedQuery: Sendable {
    private let sqlite: StatementTemplate
    private let postgres: StatementTemplate

    public init(_ query: (Arguments) -> some Query) {
        let query = query(Arguments())
        sqlite = StatementTemplate(query, .sqlite)
        postgres = StatementTemplate(query, .postgres)
    }

    /// The text for `dialect` with these values. A number of them that is not the query's is refused by the driver.
    func statement(_ dialect: Dialect, _ values: [Value]) throws(StorageError) -> Statement {
        try (dialect === Dialect.postgres ? postgres : sqlite).statement(values)
    }

    /// What stands in the query for the values.
    public struct Arguments: Sendable {
        /// The value of that number, from 0.
        public subscript(_ index: Int) -> Term { Term(.argument(index, isList: false)) }

        /// A list, after `IN` or `NOT IN`: `.integers` or `.texts`.
        public func list(_ index: Int) -> Term { Term(.argument(index, isList: true)) }
    }
}

extension StorageConnection {
    /// Runs a prepared query and returns all its rows.
    @discardableResult
    public func run(_ query: PreparedQuery, _ values: [Value]) throws(StorageError) -> Rows {
        try execute(query.statement(dialect, values))
    }

    /// Runs statements and then prepared queries, in PostgreSQL in one round trip.
    @discardableResult
    public func run(
        _ queries: [any Query], then prepared: [(query: PreparedQuery, values: [Value])]
    ) throws(StorageError) -> [Rows] {
        var statements = queries.map { $0.statement(for: dialect) }
        for (query, values) in prepared { statements.append(try query.statement(dialect, values)) }
        return try pipeline(statements)
    }
}
