/// A row of `actions_schema_migrations`.
struct MigrationRecord: Sendable {
    let version: Int
    let name: String
    let checksum: String
    var appliedAt: Timestamp?

    var identifier: String { Migration(version: version, name: name, script: "").identifier }

    static func createTable(_ db: isolated any StorageConnection) throws(StorageError) {
        let sql = """
            CREATE TABLE IF NOT EXISTS actions_schema_migrations (
                version BIGINT PRIMARY KEY,
                name TEXT NOT NULL,
                checksum TEXT NOT NULL,
                applied_at \(db.dialect.timestampType) NOT NULL
            )
            """
        _ = try db.execute(Statement(sql: sql))
    }

    /// In order of version; none if the table does not exist.
    static func all(_ db: isolated any StorageConnection) throws(StorageError) -> [MigrationRecord] {
        let rows: Rows
        do {
            rows = try db.execute(
                Statement(
                    sql: "SELECT version, name, checksum, applied_at FROM actions_schema_migrations ORDER BY version"))
        } catch  where error.code == .noSuchTable {
            return []
        }
        var records: [MigrationRecord] = []
        for row in rows {
            records.append(
                MigrationRecord(
                    version: try row["version"], name: try row["name"], checksum: try row["checksum"],
                    appliedAt: try row["applied_at"]))
        }
        return records
    }

    func insert(_ db: isolated any StorageConnection) throws(StorageError) {
        let dialect = db.dialect
        let values = (1...3).map(dialect.parameter).joined(separator: ", ")
        let sql = """
            INSERT INTO actions_schema_migrations (version, name, checksum, applied_at)
            VALUES (\(values), \(dialect.now))
            """
        _ = try db.execute(
            Statement(sql: sql, parameters: [.integer(Int64(version)), .text(name), .text(checksum)]))
    }
}
