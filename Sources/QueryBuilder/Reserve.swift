internal import Storage

/// Takes ids of a table before its rows are inserted, so that rows that name each other go in one round trip: `count`
/// rows of `id`, ascending. Ids that are not used are lost. In SQLite the ids are free until the end of the write
/// transaction only.
public struct Reserve: Query {
    private let count: Int64
    private let table: String

    /// `table` has an identity column `id`.
    public init(_ count: Int, of table: StaticString) {
        self.count = Int64(max(0, count))
        self.table = table.description
    }

    public func print(into printer: inout SQLPrinter) {
        switch printer.dialect.identity {
        case .sequence:
            printer.text("SELECT nextval(pg_get_serial_sequence(")
            printer.append(.text(table))
            printer.text(", 'id')) AS id FROM generate_series(1, ")
            printer.append(.integer(count))
            printer.text(")")
        case .rowID:
            printer.text("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ")
            printer.append(.integer(count))
            printer.text(") SELECT i + coalesce((SELECT seq FROM sqlite_sequence WHERE name = ")
            printer.append(.text(table))
            printer.text("), 0) AS id FROM n")
        }
    }
}
