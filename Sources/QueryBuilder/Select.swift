import Storage

/// A SELECT:
///
///     Select("r.id", "w.name AS workflow").from("actions_workflow_runs AS r")
///         .join("actions_workflows AS w", on: "w.id = r.workflow_id")
///         .where("r.repository_id = \(id)").orderBy("r.id DESC").limit(20)
public struct Select: Query, Filterable {
    public var conditions: [SQL] = []
    private var columns: [SQL]
    private var distinct = false
    private var table: SQL?
    private var joins: [Join] = []
    private var groups: [SQL] = []
    private var groupConditions: [SQL] = []
    private var unions: [(keyword: StaticString, query: Select)] = []
    private var orders: [SQL] = []
    private var limits: (limit: Int, offset: Int)?
    private var limitTerm: SQL?
    fileprivate enum Join {
        case plain(SQL)
        case lookup(table: StaticString, alias: StaticString, condition: SQL)
    }

    /// What follows the dialect's lock clause.
    private var lock: (table: StaticString?, words: StaticString)?

    /// The result's columns or expressions.
    public init(_ columns: SQL...) {
        self.columns = columns
    }

    /// The result's columns or expressions.
    public init(_ columns: [SQL]) {
        self.columns = columns
    }

    /// More columns.
    public func columns(_ more: SQL...) -> Self {
        changed { $0.columns += more }
    }

    /// `SELECT DISTINCT`
    public func distinctRows() -> Self {
        changed { $0.distinct = true }
    }

    /// A table with its alias, or several.
    public func from(_ table: SQL) -> Self {
        changed { $0.table = table }
    }

    /// A query as table.
    public func from(_ query: Select, as alias: StaticString) -> Self {
        changed { $0.table = SQL([.subquery(query), .literal(" AS "), .literal(alias)]) }
    }

    public func join(_ table: SQL, on condition: SQL) -> Self {
        changed { $0.joins.append(.plain(" JOIN \(table) ON \(condition)")) }
    }

    /// A join that looks up the table's rows for each row before it, in the order of those, whatever the sizes of the
    /// tables were when the statement was planned. The condition is one that an index answers.
    public func lookUp(_ table: StaticString, as alias: StaticString, on condition: SQL) -> Self {
        changed { $0.joins.append(.lookup(table: table, alias: alias, condition: condition)) }
    }

    public func leftJoin(_ table: SQL, on condition: SQL) -> Self {
        changed { $0.joins.append(.plain(" LEFT JOIN \(table) ON \(condition)")) }
    }

    public func groupBy(_ columns: SQL...) -> Self {
        changed { $0.groups += columns }
    }

    /// Adds a condition on groups.
    public func having(_ condition: SQL) -> Self {
        changed { $0.groupConditions.append(condition) }
    }

    public func union(_ other: Select) -> Self {
        changed { $0.unions.append((" UNION ", other)) }
    }

    public func unionAll(_ other: Select) -> Self {
        changed { $0.unions.append((" UNION ALL ", other)) }
    }

    public func orderBy(_ terms: SQL...) -> Self {
        changed { $0.orders += terms }
    }

    /// Written as a literal: with a parameter PostgreSQL plans anew at every call. Negative counts become 0.
    public func limit(_ limit: Int, offset: Int = 0) -> Self {
        changed { $0.limits = (max(0, limit), max(0, offset)) }
    }

    /// A count that only the run of the statement knows. As a query of its own it changes no plan.
    public func limit(of count: some Bindable) -> Self {
        changed { $0.limitTerm = "(SELECT \(count))" }
    }

    /// Locks the rows, of that table alone if one is named, where the database has row locks; in SQLite the write
    /// transaction itself excludes others.
    public func forUpdate(of table: StaticString? = nil, skipLocked: Bool = false) -> Self {
        changed { $0.lock = (table, skipLocked ? " SKIP LOCKED" : "") }
    }

    public func print(into printer: inout SQLPrinter) {
        printer.text(distinct ? "SELECT DISTINCT " : "SELECT ")
        printer.append(columns, separator: ", ")
        if let table {
            printer.text(" FROM ")
            printer.append(table)
        }
        for join in joins { join.print(into: &printer) }
        printConditions(into: &printer)
        if !groups.isEmpty {
            printer.text(" GROUP BY ")
            printer.append(groups, separator: ", ")
        }
        if !groupConditions.isEmpty {
            printer.text(" HAVING ")
            printer.append(SQL.all(groupConditions))
        }
        for union in unions {
            printer.text(union.keyword)
            union.query.print(into: &printer)
        }
        if !orders.isEmpty {
            printer.text(" ORDER BY ")
            printer.append(orders, separator: ", ")
        }
        if let limits {
            printer.text(" LIMIT ")
            printer.append(dialectText: String(limits.limit))
            if limits.offset > 0 {
                printer.text(" OFFSET ")
                printer.append(dialectText: String(limits.offset))
            }
        }
        if let limitTerm {
            printer.text(" LIMIT ")
            printer.append(limitTerm)
        }
        if let lock, printer.dialect.locksRows {
            printer.append(dialectText: " " + printer.dialect.rowLock)
            if let table = lock.table {
                printer.text(" OF ")
                printer.text(table)
            }
            printer.text(lock.words)
        }
    }

    private func changed(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }
}

extension Select.Join {
    func print(into printer: inout SQLPrinter) {
        switch self {
        case .plain(let join): printer.append(join)
        case .lookup(let table, let alias, let condition):
            printer.text(" CROSS JOIN ")
            if printer.dialect.hasLateral {
                printer.text("LATERAL (SELECT * FROM ")
            }
            printer.text(table)
            printer.text(" AS ")
            printer.text(alias)
            printer.text(printer.dialect.hasLateral ? " WHERE " : " ON ")
            printer.append(condition)
            if printer.dialect.hasLateral {
                // With an OFFSET the planner leaves it a query of its own.
                printer.text(" OFFSET 0) AS ")
                printer.text(alias)
            }
        }
    }
}
