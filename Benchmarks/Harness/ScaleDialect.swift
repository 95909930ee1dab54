internal import Storage

/// The words in which databases differ when they make rows by the million.
struct ScaleDialect {
    private let isPostgres: Bool
    /// Microseconds since the epoch.
    private let base: Int64

    init(_ dialect: Dialect, base: Int64) {
        isPostgres = dialect.writesInWith
        self.base = base
    }

    /// A table `n` with the column `i` from 1 to `count`.
    func series(_ count: Int) -> String {
        isPostgres
            ? "generate_series(1, \(count)::bigint) AS n (i)"
            : "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count)) SELECT i FROM n) AS n"
    }

    /// `seconds` after the beginning of the data.
    func time(_ seconds: String) -> String {
        isPostgres
            ? "to_timestamp(\(base / 1_000_000) + (\(seconds)))" : "(\(base) + (\(seconds)) * 1000000)"
    }

    /// An integer as `count` digits.
    func digits(_ integer: String, _ count: Int) -> String {
        isPostgres ? "lpad((\(integer))::text, \(count), '0')" : "printf('%0\(count)d', \(integer))"
    }

    /// `count` lines of a log, each of `ScaleData.lineLength` bytes with its newline.
    func logLines(_ count: Int) -> String {
        let line = ScaleData.logLine
        return isPostgres
            ? "convert_to(repeat('\(line)' || chr(10), \(count)), 'UTF8')"
            : "CAST(replace(hex(zeroblob(\(count))), '00', '\(line)' || char(10)) AS BLOB)"
    }

    /// What makes loading quick, before and after it: foreign keys are right by construction.
    var prepare: [String] {
        isPostgres
            ? ["SET session_replication_role = replica", "SET work_mem = '64MB'"]
            : ["PRAGMA foreign_keys=OFF", "PRAGMA cache_size=-200000"]
    }

    var finish: [String] {
        isPostgres
            ? ["SET session_replication_role = DEFAULT", "ANALYZE"]
            : ["PRAGMA foreign_keys=ON", "PRAGMA cache_size=-2000", "ANALYZE"]
    }

    /// Ids go on after what was given by hand.
    func continueIDs(of table: String) -> String? {
        isPostgres
            ? "SELECT setval(pg_get_serial_sequence('\(table)', 'id'), (SELECT max(id) FROM \(table)))" : nil
    }
}
