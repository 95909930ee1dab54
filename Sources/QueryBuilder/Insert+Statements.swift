import Storage

extension Insert {
    /// The rows in statements of `size` rows each.
    func statements(_ dialect: Dialect, size: Int) -> [Statement] {
        stride(from: 0, to: rows.count, by: size).map { start in
            var printer = SQLPrinter(dialect)
            print(rows[start..<min(start + size, rows.count)], into: &printer)
            return printer.statement
        }
    }

    /// A statement per row. Rows of the first one's shape share its text, which is half of the work saved.
    func statementPerRow(_ dialect: Dialect) -> [Statement] {
        guard let first = rows.first else { return [] }
        var printer = SQLPrinter(dialect)
        print(rows[0..<1], into: &printer)
        let template = printer.statement
        let isTemplate = Self.values(of: first, like: first)?.count == template.parameters.count
        var statements: [Statement] = []
        statements.reserveCapacity(rows.count)
        for (index, row) in rows.enumerated() {
            if isTemplate, let values = Self.values(of: row, like: first) {
                statements.append(Statement(sql: template.sql, parameters: values))
            } else {
                var printer = SQLPrinter(dialect)
                print(rows[index...index], into: &printer)
                statements.append(printer.statement)
            }
        }
        return statements
    }

    /// The row's parameters if it is made of plain values and the clock, in the same places as `model`; else nil.
    private static func values(of row: [SQL.Part], like model: [SQL.Part]) -> [Value]? {
        var values: [Value] = []
        values.reserveCapacity(row.count)
        for (part, other) in zip(row, model) {
            switch (part, other) {
            case (.now, .now): continue
            case (.value(.integers), _), (.value(.texts), _): return nil
            case (.value(let value), .value): values.append(value)
            default: return nil
            }
        }
        return values
    }
}
