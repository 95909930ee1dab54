import Storage

/// An UPDATE. Without a condition it changes every row.
public struct Update: Query, Filterable, Returning {
    public var conditions: [SQL] = []
    public var returned: [SQL] = []
    private let table: SQL
    private var assignments: [Assignment] = []
    private var source: SQL?

    /// A table, with an alias if needed.
    public init(_ table: SQL) {
        self.table = table
    }

    public func set(_ column: StaticString, _ value: some Bindable) -> Self {
        adding(Assignment(column: column, part: value.term.part))
    }

    /// A string enum, as its raw value.
    @_disfavoredOverload
    public func set<T: RawRepresentable>(_ column: StaticString, _ value: T) -> Self where T.RawValue == String {
        adding(Assignment(column: column, part: .value(.text(value.rawValue))))
    }

    /// An expression: `.set("pending_needs", sql: "pending_needs - 1")`.
    public func set(_ column: StaticString, sql: SQL) -> Self {
        adding(Assignment(column: column, part: .nested(sql.parts)))
    }

    /// Several columns at once.
    public func set(_ values: Assignments) -> Self {
        var copy = self
        copy.assignments += [Assignment](values)
        return copy
    }

    /// Other tables that conditions and expressions name.
    public func from(_ tables: SQL) -> Self {
        var copy = self
        copy.source = tables
        return copy
    }

    public func print(into printer: inout SQLPrinter) {
        printer.text("UPDATE ")
        printer.append(table)
        printer.text(" SET ")
        assignments.print(into: &printer)
        if let source {
            printer.text(" FROM ")
            printer.append(source)
        }
        printConditions(into: &printer)
        printReturning(into: &printer)
    }

    private func adding(_ assignment: Assignment) -> Self {
        var copy = self
        copy.assignments.append(assignment)
        return copy
    }
}
