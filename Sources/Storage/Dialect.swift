/// What differs between databases in the text of a statement, as data. No code asks for a driver's name.
public struct Dialect: Sendable, Hashable {
    public enum Placeholder: Sendable, Hashable {
        /// `?`
        case question
        /// `$1`, `$2`, …
        case dollar
    }

    /// How a list stands as one parameter after `IN`.
    public enum List: Sendable, Hashable {
        /// `IN (SELECT value FROM json_each(?))`
        case jsonEach
        /// `= ANY($1)`, `<> ALL($1)`
        case anyArray
    }

    /// How many rows are inserted at once.
    public enum BulkInsert: Sendable, Hashable {
        /// One prepared statement executed per row: an embedded database has no round trips to save.
        case perRow
        /// Several rows in one `VALUES`, within `parameterLimit`.
        case multiRow
    }

    public var name: String
    public var placeholder: Placeholder
    public var list: List
    public var bulkInsert: BulkInsert
    /// The most parameters of one statement.
    public var parameterLimit: Int
    /// The moment of evaluation, by the database's clock.
    public var now: String
    /// The function that gives the greatest of its arguments; NULL handling differs, see `clampedNow`.
    public var greatest: String
    /// What follows a JSON parameter.
    public var jsonCast: String
    /// The column type of a moment.
    public var timestampType: String
    /// Rows can be locked, with `SKIP LOCKED` too; where not, writers exclude each other anyway.
    public var locksRows: Bool
    /// The clause that locks rows: children that refer to them can still be inserted.
    public var rowLock: String
    /// A text may contain U+0000.
    public var textHoldsNUL: Bool
    /// Run first in a migration's transaction so that migrators queue; nil where a write transaction excludes them.
    public var migrationLock: String?

    public static let sqlite = Self(
        name: "SQLite", placeholder: .question, list: .jsonEach, bulkInsert: .perRow, parameterLimit: 32_766,
        now: "plue_now()", greatest: "max", jsonCast: "", timestampType: "INTEGER", locksRows: false,
        rowLock: "", textHoldsNUL: true, migrationLock: nil)

    public static let postgres = Self(
        name: "PostgreSQL", placeholder: .dollar, list: .anyArray, bulkInsert: .multiRow, parameterLimit: 65_535,
        now: "clock_timestamp()", greatest: "greatest", jsonCast: "::json", timestampType: "timestamptz",
        locksRows: true, rowLock: "FOR NO KEY UPDATE", textHoldsNUL: false,
        migrationLock: "SELECT pg_advisory_xact_lock(7813590153209344)")

    /// The placeholder of parameter `number`, counted from 1.
    public func parameter(_ number: Int) -> String {
        switch placeholder {
        case .question: "?"
        case .dollar: "$\(number)"
        }
    }
}
