internal import QueryBuilder
internal import Storage

extension StorageConnection {
    /// Locks the rows until the transaction ends; what is decided from them is read afterwards, by another statement.
    /// Nothing where a write transaction is alone anyway.
    func lock(_ rows: Select) throws(StorageError) {
        if dialect.locksRows { try run(rows.forUpdate()) }
    }
}
