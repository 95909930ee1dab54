/// A connection that can take many rows faster than by INSERT.
public protocol BulkCopying: StorageConnection {
    /// Appends rows, each as long as `columns`, all or none, and returns how many. Values are not converted: each must
    /// be of its column's type.
    func copy(into table: StaticString, _ columns: [StaticString], _ rows: [[Value]]) throws(StorageError) -> Int
}

extension StorageConnection {
    /// `copy` where the connection can; nil where it cannot, and rows are to be inserted.
    public func bulkCopy(
        into table: StaticString, _ columns: [StaticString], _ rows: [[Value]]
    ) throws(StorageError) -> Int? {
        guard let copying = self as? any BulkCopying else { return nil }
        return try copying.copyHere(into: table, columns, rows)
    }
}

extension BulkCopying {
    /// The compiler does not see that a cast connection is the one whose thread this is.
    fileprivate nonisolated func copyHere(
        into table: StaticString, _ columns: [StaticString], _ rows: [[Value]]
    ) throws(StorageError) -> Int {
        let result: Result<Int, StorageError> = assumeIsolated { connection in
            do throws(StorageError) {
                return .success(try connection.copy(into: table, columns, rows))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
