/// A connection that can take many rows faster than by INSERT.
public protocol BulkCopying: StorageConnection {
    /// Appends rows, each as long as `columns`, all or none, and returns how many. Values are not converted: each must
    /// be of its column's type.
    func copy(into table: StaticString, _ columns: [StaticString], _ rows: [[Value]]) throws(StorageError) -> Int
}
