/// An INSERT of one row, of many, or of a query's result.
public struct Insert: Query, Returning {
    /// What happens when a unique rule is already taken.
    public enum Conflict: Sendable {
        case doNothing
        /// Sets columns of the existing row; `excluded.column` is the new value.
        case doUpdate(set: Assignments, where: SQL? = nil)
    }

    public var returned: [SQL] = []
    let table: SQL
    private(set) var columns: [StaticString] = []
    private(set) var rows: [[SQL.Part]] = []
    private var source: Select?
    private var conflict: SQL?
    private var conflictAction: Conflict?

    public init(_ table: SQL) {
        self.table = table
    }

    /// One row.
    public func values(_ values: Assignments) -> Self {
        var copy = self
        copy.columns = []
        copy.columns.reserveCapacity(values.count)
        var row: [SQL.Part] = []
        row.reserveCapacity(values.count)
        for index in values.indices {
            copy.columns.append(values[index].key)
            row.append(values[index].value.term.part)
        }
        copy.rows = [row]
        return copy
    }

    /// Many rows, each as long as `columns`. `run` divides them as the database likes it best; no rows do nothing.
    public func rows(_ columns: [StaticString], _ rows: [[any Bindable]]) -> Self {
        var copy = self
        copy.columns = columns
        copy.rows = rows.map { $0.map(\.term.part) }
        return copy
    }

    /// The rows of a query.
    public func select(_ columns: [StaticString], _ query: Select) -> Self {
        var copy = self
        copy.columns = columns
        copy.source = query
        return copy
    }

    /// `columns` name the unique rule (with its `WHERE` if it is partial); nil means any, for `doNothing` only.
    public func onConflict(_ columns: SQL?, _ action: Conflict) -> Self {
        var copy = self
        copy.conflict = columns
        copy.conflictAction = action
        return copy
    }

    public func print(into printer: inout SQLPrinter) {
        print(rows[...], into: &printer)
    }

    /// One statement as it stands: of a query, of defaults, or of one row.
    var isWhole: Bool { source != nil || columns.isEmpty || rows.count == 1 && rows[0].count == columns.count }

    func print(_ rows: ArraySlice<[SQL.Part]>, into printer: inout SQLPrinter) {
        printer.text("INSERT INTO ")
        printer.append(table)
        if !columns.isEmpty {
            printer.text(" (")
            printer.append(columns)
            printer.text(")")
        }
        if let source {
            printer.text(" ")
            // SQLite reads `ON CONFLICT` after a SELECT without WHERE as a join's ON.
            let ambiguous = conflictAction != nil && source.conditions.isEmpty
            (ambiguous ? source.where("true") : source).print(into: &printer)
        } else if columns.isEmpty {
            printer.text(" DEFAULT VALUES")
        } else {
            printer.text(" VALUES ")
            for (index, row) in rows.enumerated() {
                printer.text(index == 0 ? "(" : ", (")
                for (index, part) in row.enumerated() {
                    if index > 0 { printer.text(", ") }
                    printer.append(part)
                }
                printer.text(")")
            }
        }
        printConflict(into: &printer)
        printReturning(into: &printer)
    }

    private func printConflict(into printer: inout SQLPrinter) {
        guard let conflictAction else { return }
        printer.text(" ON CONFLICT ")
        if let conflict { printer.append("(\(conflict)) " as SQL) }
        switch conflictAction {
        case .doNothing: printer.text("DO NOTHING")
        case .doUpdate(let values, let condition):
            printer.text("DO UPDATE SET ")
            [Assignment](values).print(into: &printer)
            if let condition {
                printer.text(" WHERE ")
                printer.append(condition)
            }
        }
    }
}
