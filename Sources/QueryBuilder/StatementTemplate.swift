import Storage

/// A query that was printed once, with places for the values of each run.
final class StatementTemplate: Sendable {
    private let printed: Statement
    /// The arguments' numbers by parameter, nil for a constant; nil if the parameters are the arguments in order.
    private let order: [Int?]?
    private let count: Int

    /// `count` arguments, or as many as the query names.
    init(_ query: some Query, _ dialect: Dialect, count: Int? = nil) {
        var printer = SQLPrinter(dialect)
        query.print(into: &printer)
        printed = printer.statement
        var order = [Int?](repeating: nil, count: printed.parameters.count)
        for place in printer.arguments { order[place.parameter] = place.argument }
        self.count = count ?? (order.compactMap(\.self).max() ?? -1) + 1
        self.order = order.elementsEqual((0..<self.count).map { $0 }) ? nil : order
    }

    /// Throws `misuse` for another number of values.
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
