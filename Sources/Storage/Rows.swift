/// A statement's result: its rows, and how many rows it changed.
public struct Rows: RandomAccessCollection, Sendable {
    public let columns: Columns
    /// All values, row after row.
    package let values: [Value]
    /// Rows inserted, updated or deleted by the statement itself (0 for a query).
    public package(set) var changes: Int
    public let count: Int

    /// `values` holds whole rows of `columns.names.count` values each.
    public init(columns: Columns, values: [Value], changes: Int) {
        self.columns = columns
        self.values = values
        self.changes = changes
        count = columns.names.isEmpty ? 0 : values.count / columns.names.count
    }

    /// No rows.
    public init(changes: Int) {
        self.init(columns: Columns.none, values: [], changes: changes)
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(position: Int) -> Row {
        Row(columns: columns, values: values, offset: position * columns.names.count)
    }
}

extension Columns {
    static let none = Columns([])
}
