/// Common table expressions before a statement:
///
///     With("ready", as: Select("id").from("a")).then(Select("id").from("ready"))
///
/// SQLite takes only queries inside a WITH.
public struct With: Query {
    private var expressions: [(name: StaticString, query: any Query)]
    private let recursive: Bool
    private var statement: (any Query)?

    public init(_ name: StaticString, as query: some Query, recursive: Bool = false) {
        expressions = [(name, query)]
        self.recursive = recursive
    }

    /// One more expression, which may use those before it.
    public func with(_ name: StaticString, as query: some Query) -> Self {
        var copy = self
        copy.expressions.append((name, query))
        return copy
    }

    /// The statement that uses them.
    public func then(_ statement: some Query) -> Self {
        var copy = self
        copy.statement = statement
        return copy
    }

    public func print(into printer: inout SQLPrinter) {
        printer.text(recursive ? "WITH RECURSIVE " : "WITH ")
        for (index, expression) in expressions.enumerated() {
            if index > 0 { printer.text(", ") }
            printer.text(expression.name)
            printer.text(" AS (")
            expression.query.print(into: &printer)
            printer.text(")")
        }
        if let statement {
            printer.text(" ")
            statement.print(into: &printer)
        }
    }
}
