public import Storage

/// Takes ids of tables before their rows are inserted, so that rows that name each other go in one round trip: for each
/// table, counted by `position` from 0, so many rows of `id`, ascending, each with the clock as `at`. Ids that are not used
/// are lost. In SQLite the ids are free until the end of the write transaction only.
public struct Reserve: Query {
    private let tables: [(name: String, count: Int64)]

    /// `table` has an identity column `id`.
    public init(_ count: Int, of table: StaticString) {
        self.init([(table, count)])
    }

    /// Tables with an identity column `id`, and how many ids of each, at least one.
    public init(_ tables: [(StaticString, Int)]) {
        self.tables = tables.map { ($0.0.description, Int64(max(1, $0.1))) }
    }

    public func print(into printer: inout SQLPrinter) {
        for (position, table) in tables.enumerated() {
            printer.text(position == 0 ? "SELECT " : " UNION ALL SELECT ")
            printer.append(dialectText: String(position))
            printer.text(" AS position, ")
            switch printer.dialect.identity {
            case .sequence:
                printer.text("nextval(pg_get_serial_sequence(")
                printer.append(.text(table.name))
                printer.text(", 'id')) AS id, ")
                printer.append(SQL.Part.now)
                printer.text(" AS at FROM generate_series(1, ")
                printer.append(.integer(table.count))
                printer.text(")")
            case .rowID:
                printer.text("i + coalesce((SELECT seq FROM sqlite_sequence WHERE name = ")
                printer.append(.text(table.name))
                printer.text("), 0) AS id, ")
                printer.append(SQL.Part.now)
                printer.text(" AS at FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ")
                printer.append(.integer(table.count))
                printer.text(") SELECT i FROM n)")
            }
        }
    }
}

extension Row {
    /// The id in a row of a ``Reserve``. Throws `full` when there is none left: SQLite's sum is no integer then.
    public func reservedID(of name: String) throws(StorageError) -> Int64 {
        if case .double = try value("id") {
            throw StorageError(
                .full, subject: name, "\(name) has no ids left: one of its rows has the highest that there is")
        }
        return try self["id"]
    }
}
