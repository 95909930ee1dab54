internal import QueryBuilder
internal import Storage

extension StorageConnection {
    /// Inserts one row and returns its key.
    func insert(_ insert: Insert) throws(StorageError) -> Int64 {
        try one(insert.returning("id"))["id"]
    }
}
