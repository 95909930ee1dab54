/// A DELETE. Without a condition it deletes every row.
public struct Delete: Query, Filterable, Returning {
    public var conditions: [SQL] = []
    public var returned: [SQL] = []
    private let table: SQL

    public init(_ table: SQL) {
        self.table = table
    }

    public func print(into printer: inout SQLPrinter) {
        printer.text("DELETE FROM ")
        printer.append(table)
        printConditions(into: &printer)
        printReturning(into: &printer)
    }
}
