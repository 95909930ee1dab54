import Storage

extension Insert {
    /// The most rows of one statement.
    private static let batch = 100

    /// The rows in as few statements as the database takes them well: all of them as one parameter where it reads rows
    /// from JSON, else some in one `VALUES`. Throws `misuse` for a row of another length.
    func statements(_ dialect: Dialect) throws(StorageError) -> [Statement] {
        let width = columns.count
        if let row = rows.first(where: { $0.count != width }) {
            throw StorageError(.misuse, "an insert's row has \(row.count) values for \(width) columns")
        }
        if rows.count > 1, dialect.bulkInsert == .recordset, let statement = try recordset(dialect) {
            return [statement]
        }
        let size = max(1, min(Self.batch, dialect.parameterLimit / width))
        return stride(from: 0, to: rows.count, by: size).map { start in
            var printer = SQLPrinter(dialect)
            print(rows[start..<min(start + size, rows.count)], into: &printer)
            return printer.statement
        }
    }

    /// `INSERT … SELECT … FROM json_populate_recordset(…)`: a text that does not depend on the number of rows, so that
    /// it is prepared once. Nil if a row holds what is no plain value, or bytes.
    private func recordset(_ dialect: Dialect) throws(StorageError) -> Statement? {
        let isClock = columns.indices.map { column in rows.allSatisfy { $0[column].isNow } }
        var json: [UInt8] = [UInt8(ascii: "[")]
        for (number, row) in rows.enumerated() {
            json += (number == 0 ? "{" : ",{").utf8
            var isFirst = true
            for (column, part) in row.enumerated() where !isClock[column] {
                if !isFirst { json.append(UInt8(ascii: ",")) }
                isFirst = false
                try JSONText.append(columns[column].description, to: &json)
                json.append(UInt8(ascii: ":"))
                switch part {
                case .value(.blob), .value(.integers), .value(.texts): return nil
                case .value(let value): try JSONText.append(value, to: &json)
                case .json(let text): json += text.utf8
                default: return nil
                }
            }
            json.append(UInt8(ascii: "}"))
        }
        json.append(UInt8(ascii: "]"))
        let query = Select(columns.indices.map { isClock[$0] ? SQL([.now]) : SQL([.literal(columns[$0])]) })
            .from("json_populate_recordset(NULL::\(table), \(SQL([.json(String(decoding: json, as: UTF8.self))])))")
        var printer = SQLPrinter(dialect)
        select(columns, query).print(into: &printer)
        return printer.statement
    }
}

extension SQL.Part {
    fileprivate var isNow: Bool {
        if case .now = self { true } else { false }
    }
}
