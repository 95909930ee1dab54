/// How a database tells what it holds: queries of one text parameter, whose rows have a `name`.
public struct Catalogue: Sendable, Hashable {
    /// Tables by a LIKE pattern, without partitions.
    public var tables: String
    /// The indexes of a table.
    public var indexes: String

    public static let sqlite = Self(
        tables: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE ? ORDER BY name",
        indexes: "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? ORDER BY name")

    public static let postgres = Self(
        tables: """
            SELECT relname::text AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            AND relkind IN ('r', 'p') AND NOT relispartition AND relname LIKE $1::text ORDER BY 1
            """,
        indexes: """
            SELECT indexname::text AS name FROM pg_indexes WHERE schemaname = current_schema()
            AND tablename = $1::text ORDER BY 1
            """)
}

extension StorageConnection {
    /// The names of the tables that match a LIKE pattern.
    public func tables(matching pattern: String) throws(StorageError) -> [String] {
        try names(dialect.catalogue.tables, pattern)
    }

    /// The names of a table's indexes, those of its keys too.
    public func indexes(of table: String) throws(StorageError) -> [String] {
        try names(dialect.catalogue.indexes, table)
    }

    private func names(_ sql: String, _ parameter: String) throws(StorageError) -> [String] {
        // SQLite refuses long patterns, as an error of the statement; no name is as long.
        guard parameter.utf8.count <= 1024 else {
            throw StorageError(.invalidValue, "a name or pattern is over 1024 bytes")
        }
        var names: [String] = []
        for row in try execute(Statement(sql: sql, parameters: [.text(parameter)])) { names.append(try row["name"]) }
        return names
    }
}
