public import Storage

extension StorageConnection {
    /// Inserts rows in as few statements as the database likes, all or none; `changes` and returned rows are of all.
    /// More than one statement needs a transaction around it.
    @discardableResult
    public func run(_ insert: Insert) throws(StorageError) -> Rows {
        if insert.isQuery || insert.columns.isEmpty || insert.rows.count == 1 {
            return try execute(insert.statement(for: dialect))
        }
        let width = insert.columns.count
        if let row = insert.rows.first(where: { $0.count != width }) {
            throw StorageError(.misuse, "an insert's row has \(row.count) values for \(width) columns")
        }
        if insert.rows.isEmpty { return Rows(changes: 0) }
        let size =
            switch dialect.bulkInsert {
            case .perRow: 1
            case .multiRow: max(1, min(100, dialect.parameterLimit / width))
            }
        let statements = size == 1 ? insert.statementPerRow(dialect) : insert.statements(dialect, size: size)
        if statements.count == 1 { return try execute(statements[0]) }
        return try atomically(statements)
    }

    private func atomically(_ statements: [Statement]) throws(StorageError) -> Rows {
        let results: [Rows]
        do {
            results = try savepoint { db in try db.pipeline(statements) }
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(.other, "\(error)")
        }
        return Rows(
            columns: results[0].columns, values: results.flatMap(\.values),
            changes: results.reduce(0) { $0 + $1.changes })
    }
}
