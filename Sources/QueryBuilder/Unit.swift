internal import Storage

/// Steps of which a later one uses the rows of earlier ones, by the step's name, as if they were tables:
///
///     Unit("claimed", ["execution_id"], Delete("queue").where(…).returning("execution_id"))
///         .last(Update("jobs").set("status", "in_progress").where("id IN (SELECT execution_id FROM claimed)"))
///
/// One round trip where the database takes writing statements inside a WITH. There **all steps see the tables as they
/// were before the unit**, so a step sees what another one wrote only through its rows, and no two steps may change the
/// same row. Elsewhere the steps run one by one; write them so that both give the same. A step with no `RETURNING` has no
/// columns. Rows that a later step uses hold no bytes.
public struct Unit: Sendable {
    struct Step: Sendable {
        let name: StaticString
        let columns: [StaticString]
        let query: any Query
    }

    private(set) var steps: [Step]
    private(set) var final: (any Query)?

    public init(_ name: StaticString, _ columns: [StaticString], _ query: some Query) {
        steps = [Step(name: name, columns: columns, query: query)]
    }

    public func then(_ name: StaticString, _ columns: [StaticString], _ query: some Query) -> Self {
        var copy = self
        copy.steps.append(Step(name: name, columns: columns, query: query))
        return copy
    }

    /// The step whose rows are the unit's.
    public func last(_ query: some Query) -> Self {
        var copy = self
        copy.final = query
        return copy
    }
}

/// All steps as one statement.
struct WholeUnit: Query {
    let unit: Unit

    func print(into printer: inout SQLPrinter) {
        for (index, step) in unit.steps.enumerated() {
            step.printName(isFirst: index == 0, into: &printer)
            step.query.print(into: &printer)
            printer.text(")")
        }
        printer.text(" ")
        unit.final?.print(into: &printer)
    }
}

/// One step by itself, with the rows of those before it as tables.
struct UnitStep: Query {
    let unit: Unit
    let number: Int
    /// Of each step before: its rows as ``value(_:width:)``.
    let rows: [SQL.Part]
    /// More than ``few``: they are read once then, and looked up by an index that the database makes, where a join would
    /// read the text for each row.
    let areMany: Bool

    /// Up to so many rows, to read them again costs less.
    static let few = 8

    func print(into printer: inout SQLPrinter) {
        var isFirst = true
        for (step, rows) in zip(unit.steps, rows) where !step.columns.isEmpty {
            step.printName(isFirst: isFirst, isMaterialized: areMany, into: &printer)
            isFirst = false
            printer.text("SELECT ")
            for column in step.columns.indices {
                if column > 0 { printer.text(", ") }
                printer.append(dialectText: "value ->> \(column)")
            }
            printer.text(" FROM json_each(")
            printer.append(rows)
            printer.text("))")
        }
        if !isFirst { printer.text(" ") }
        (number < unit.steps.count ? unit.steps[number].query : unit.final)?.print(into: &printer)
    }

    /// `[[1,"a"],[2,"b"]]`; NULL if there are no columns.
    static func value(_ rows: Rows, width: Int) throws(StorageError) -> Value {
        if width == 0 { return .null }
        guard rows.isEmpty || rows.columns.names.count == width else {
            throw StorageError(.misuse, "a step gives \(rows.columns.names.count) columns, not \(width)")
        }
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (number, value) in rows.values.enumerated() {
            bytes += (number % width > 0 ? "," : number == 0 ? "[" : "],[").utf8
            try JSONText.append(value, to: &bytes)
        }
        bytes += (rows.isEmpty ? "]" : "]]").utf8
        return .text(String(decoding: bytes, as: UTF8.self))
    }
}

extension Unit.Step {
    /// `WITH a (x, y) AS (`, `, b AS (`
    fileprivate func printName(isFirst: Bool, isMaterialized: Bool = false, into printer: inout SQLPrinter) {
        printer.text(isFirst ? "WITH " : ", ")
        printer.text(name)
        if !columns.isEmpty {
            printer.text(" (")
            printer.append(columns)
            printer.text(")")
        }
        printer.text(isMaterialized ? " AS MATERIALIZED (" : " AS (")
    }
}
