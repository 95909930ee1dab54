internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Inserts the rows of one table of an export, some at a time.
struct TableWriter {
    private static let batch = 50

    private let table: TableInfo
    private let kinds: [ColumnInfo.Kind]
    private let columns: SQL
    private var rows: [SQL] = []
    /// The number of the newest line.
    private var number: Int

    /// `number` is the line's, for errors. Throws ``ServiceError`` when the columns are not the table's.
    init(_ table: TableInfo, columns names: [String], _ number: Int) throws(ServiceError) {
        let kinds = names.compactMap { name in table.columns.first { $0.name == name }?.kind }
        guard kinds.count == names.count, names.count == table.columns.count else {
            throw TransferFormat.failure(number, "\(table.name) has other columns than in the database")
        }
        self.number = number
        self.table = table
        self.kinds = kinds
        columns = SQL.list(names.map { SQL(identifier: $0) })
    }

    mutating func add(_ line: ExpressionValue, _ number: Int, on db: isolated any StorageConnection) throws {
        self.number = number
        guard case .array(let row) = line, row.elements.count == kinds.count else {
            throw TransferFormat.failure(number, "a row of \(table.name) has not \(kinds.count) values")
        }
        let values = try zip(row.elements, kinds).map { json, kind in
            let value = try TransferFormat.value(json, as: kind, number)
            return kind == .json && value != .null ? SQL.json(json.text) : "\(value)" as SQL
        }
        rows.append("(\(SQL.list(values)))")
        if rows.count >= Self.batch { try flush(on: db) }
    }

    /// Stores the last rows, and lets new ids follow the highest.
    mutating func finish(on db: isolated any StorageConnection) throws {
        try flush(on: db)
        guard db.dialect.identity == .sequence, table.columns.contains(where: { $0.name == "id" }) else { return }
        try db.run(
            "SELECT setval(pg_get_serial_sequence(\(table.name), 'id'), max(id)) FROM \(SQL(identifier: table.name))"
        )
    }

    private mutating func flush(on db: isolated any StorageConnection) throws {
        guard !rows.isEmpty else { return }
        do throws(StorageError) {
            try db.run("INSERT INTO \(SQL(identifier: table.name)) (\(columns)) VALUES \(SQL.list(rows))")
        } catch {
            // Only what the rows are to blame for: the transaction is run again after other errors.
            guard error.isConstraint || error.code == .invalidValue || error.code == .raised else { throw error }
            let first = number - rows.count + 1
            throw TransferFormat.failure(
                number, "\(table.name) does not take the rows of lines \(first) to \(number): \(error.message)")
        }
        rows = []
    }
}
