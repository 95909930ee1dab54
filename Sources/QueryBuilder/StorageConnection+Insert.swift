public import Storage

extension StorageConnection {
    /// Inserts rows in as few statements as the database likes, all or none; `changes` and returned rows are of all.
    /// More than one statement needs a transaction around it.
    @discardableResult
    public func run(_ insert: Insert) throws(StorageError) -> Rows {
        if insert.isWhole { return try execute(insert.statement(for: dialect)) }
        let statements = try insert.statements(dialect)
        switch statements.count {
        case 0: return Rows(changes: 0)
        case 1: return try execute(statements[0])
        default: return try atomically(statements)
        }
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
