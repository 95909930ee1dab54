public import Storage

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

extension StorageConnection {
    /// Runs the steps in order and returns the rows of the last one. Needs a transaction around it.
    @discardableResult
    public func run(_ unit: Unit) throws(StorageError) -> Rows {
        guard let final = unit.final else {
            throw StorageError(.misuse, "a unit needs a last step")
        }
        guard !dialect.writesInWith else {
            var printer = SQLPrinter(dialect)
            try unit.printWith(unit.steps, into: &printer) { (step, printer) throws(StorageError) in
                step.query.print(into: &printer)
            }
            final.print(into: &printer)
            return try execute(printer.statement)
        }
        var results: [(step: Unit.Step, rows: Rows)] = []
        for step in unit.steps {
            let rows = try execute(unit.statement(step.query, after: results, dialect))
            results.append((step, rows))
        }
        return try execute(unit.statement(final, after: results, dialect))
    }
}

extension Unit {
    /// `WITH a (x, y) AS (…), b AS (…) `
    fileprivate func printWith<S: Sequence<Step>>(
        _ steps: S, into printer: inout SQLPrinter, _ body: (Step, inout SQLPrinter) throws(StorageError) -> Void
    ) throws(StorageError) {
        var isFirst = true
        for step in steps {
            printer.text(isFirst ? "WITH " : ", ")
            isFirst = false
            printer.text(step.name)
            if !step.columns.isEmpty {
                printer.text(" (")
                printer.append(step.columns)
                printer.text(")")
            }
            printer.text(" AS (")
            try body(step, &printer)
            printer.text(")")
        }
        if !isFirst { printer.text(" ") }
    }

    /// The statement of one step, with the rows of those before it as tables.
    fileprivate func statement(
        _ query: any Query, after results: [(step: Step, rows: Rows)], _ dialect: Dialect
    ) throws(StorageError) -> Statement {
        var printer = SQLPrinter(dialect)
        let named = results.filter { !$0.step.columns.isEmpty }
        var index = 0
        try printWith(named.map(\.step), into: &printer) { (step, printer) throws(StorageError) in
            let rows = named[index].rows
            index += 1
            printer.text("SELECT ")
            for column in step.columns.indices {
                if column > 0 { printer.text(", ") }
                printer.append(dialectText: "value ->> \(column)")
            }
            printer.text(" FROM json_each(")
            printer.append(.text(try Self.json(rows, width: step.columns.count)))
            printer.text(")")
        }
        query.print(into: &printer)
        return printer.statement
    }

    /// `[[1,"a"],[2,"b"]]`
    private static func json(_ rows: Rows, width: Int) throws(StorageError) -> String {
        guard rows.isEmpty || rows.columns.names.count == width else {
            throw StorageError(.misuse, "a step gives \(rows.columns.names.count) columns, not \(width)")
        }
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (number, value) in rows.values.enumerated() {
            bytes += (number % width > 0 ? "," : number == 0 ? "[" : "],[").utf8
            try JSONText.append(value, to: &bytes)
        }
        bytes += (rows.isEmpty ? "]" : "]]").utf8
        return String(decoding: bytes, as: UTF8.self)
    }
}
