public import Storage

/// A unit that is printed once and then run with other values each time, as a ``PreparedQuery``.
public struct PreparedUnit: Sendable {
    private let whole: StatementTemplate
    /// Templates of each step, for few and for many rows; the rows of earlier steps are arguments after the others.
    private let single: [(few: StatementTemplate, many: StatementTemplate)]
    /// How many columns each step but the last gives.
    private let widths: [Int]

    /// `count` is the number of values that each run is given.
    public init(arguments count: Int, _ unit: (PreparedQuery.Arguments) -> Unit) {
        let unit = unit(PreparedQuery.Arguments())
        widths = unit.steps.map(\.columns.count)
        whole = StatementTemplate(WholeUnit(unit: unit), .postgres, count: count)
        single = (0...unit.steps.count).map { number in
            let rows = (0..<number).map { SQL.Part.argument(count + $0, isList: false) }
            func template(_ areMany: Bool) -> StatementTemplate {
                let step = UnitStep(unit: unit, number: number, rows: rows, areMany: areMany)
                return StatementTemplate(step, .sqlite, count: count + number)
            }
            return (template(false), template(true))
        }
    }

    /// With these values.
    public func callAsFunction(_ values: [Value]) -> Call { Call(unit: self, values: values) }

    /// A unit with its values.
    public struct Call: Sendable {
        fileprivate let unit: PreparedUnit
        fileprivate let values: [Value]
    }

    /// The unit as one statement. Throws `misuse` for another number of values.
    fileprivate func statement(_ values: [Value]) throws(StorageError) -> Statement {
        try whole.statement(values)
    }

    /// Its steps one by one.
    fileprivate func run(
        _ values: [Value], _ execute: (Statement) throws(StorageError) -> Rows
    ) throws(StorageError) -> Rows {
        var values = values
        var most = 0
        for (templates, width) in zip(single, widths) {
            let rows = try execute((most > UnitStep.few ? templates.many : templates.few).statement(values))
            values.append(try UnitStep.value(rows, width: width))
            most = max(most, rows.count)
        }
        let last = single[widths.count]
        return try execute((most > UnitStep.few ? last.many : last.few).statement(values))
    }
}

extension StorageConnection {
    /// Runs statements and then units, whose rows are the last; where the database takes a unit as one statement all go in
    /// one round trip, with `finishing` that of the commit too.
    @discardableResult
    public func run(
        _ queries: [any Query], then calls: [PreparedUnit.Call], finishing: Bool = false
    ) throws(StorageError) -> [Rows] {
        var statements = queries.map { $0.statement(for: dialect) }
        if dialect.writesInWith {
            for call in calls { statements.append(try call.unit.statement(call.values)) }
            return try finishing ? self.finishing(statements) : pipeline(statements)
        }
        var results = try pipeline(statements)
        for call in calls {
            results.append(
                try call.unit.run(call.values) { (statement) throws(StorageError) in try execute(statement) })
        }
        return results
    }
}
