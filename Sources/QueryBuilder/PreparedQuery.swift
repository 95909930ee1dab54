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
    private let sqlite: Template
    private let postgres: Template

    public init(_ query: (Arguments) -> some Query) {
        let query = query(Arguments())
        sqlite = Template(query, .sqlite)
        postgres = Template(query, .postgres)
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

    private final class Template: Sendable {
        private let printed: Statement
        /// The arguments' numbers by parameter, nil for a constant; nil if the parameters are the arguments in order.
        private let order: [Int?]?
        private let count: Int

        init(_ query: some Query, _ dialect: Dialect) {
            var printer = SQLPrinter(dialect)
            query.print(into: &printer)
            printed = printer.statement
            var order = [Int?](repeating: nil, count: printed.parameters.count)
            for place in printer.arguments { order[place.parameter] = place.argument }
            count = (order.compactMap(\.self).max() ?? -1) + 1
            self.order = order.elementsEqual((0..<order.count).map { $0 }) ? nil : order
        }

        func statement(_ values: [Value]) throws(StorageError) -> Statement {
            guard values.count == count else {
                throw StorageError(.misuse, "\(values.count) values for \(count) arguments of \(printed.sql)")
            }
            guard let order else { return Statement(sql: printed.sql, parameters: values) }
            var statement = printed
            for (parameter, argument) in order.enumerated() {
                if let argument { statement.parameters[parameter] = values[argument] }
            }
            return statement
        }
    }
}

extension StorageConnection {
    /// Runs a prepared query and returns all its rows.
    @discardableResult
    public func run(_ query: PreparedQuery, _ values: [Value]) throws(StorageError) -> Rows {
        try execute(query.statement(dialect, values))
    }
}
