public import Storage

/// A statement as a value: printed for a dialect when it is run.
public protocol Query: Sendable {
    func print(into printer: inout SQLPrinter)
}

extension Query {
    /// The text and parameters for `dialect`.
    public func statement(for dialect: Dialect) -> Statement {
        var printer = SQLPrinter(dialect)
        print(into: &printer)
        return printer.statement
    }
}

extension SQL: Query {
    public func print(into printer: inout SQLPrinter) {
        printer.append(self)
    }
}
