/// What differs between databases in the text of a statement, as data. No code asks for a driver's name. A class, as every
/// statement that is printed hands it on.
public final class Dialect: Sendable {
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
        /// Several rows in one `VALUES`, within `parameterLimit`. In SQLite 0.12 ms for 100 rows of 20 columns; a
        /// statement a row 0.17 ms, from JSON 1.0 ms.
        case values
        /// All rows as one JSON parameter for `json_populate_recordset`: one text for any number of rows.
        case recordset
    }

    /// Where the ids of new rows come from.
    public enum Identity: Sendable, Hashable {
        /// A sequence, which other transactions draw from meanwhile.
        case sequence
        /// The highest id so far; the writer is alone.
        case rowID
    }

    public let name: String
    public let placeholder: Placeholder
    public let list: List
    public let bulkInsert: BulkInsert
    /// The most parameters of one statement.
    public let parameterLimit: Int
    public let identity: Identity
    /// The moment of evaluation, by the database's clock.
    public let now: String
    /// What follows a number of microseconds that is added to a moment.
    public let microseconds: String
    /// What stands before and after a moment to give its month in UTC as a number, YYYYMM.
    public let month: (before: String, after: String)
    /// The function that gives the greatest of its arguments; NULL handling differs, see `clampedNow`.
    public let greatest: String
    /// What follows a JSON parameter.
    public let jsonCast: String
    /// The column type of a moment.
    public let timestampType: String
    /// Rows can be locked, with `SKIP LOCKED` too; where not, writers exclude each other anyway.
    public let locksRows: Bool
    /// Rows that were deleted stay in the indexes while any transaction could see them.
    public let keepsDeadRows: Bool
    /// The clause that locks rows: children that refer to them can still be inserted.
    public let rowLock: String
    /// A WITH may hold statements that write.
    public let writesInWith: Bool
    /// A query in FROM may name rows before it. Elsewhere a CROSS JOIN keeps the order of its tables.
    public let hasLateral: Bool
    /// Tables that grow for ever are divided by month; a missing partition is made, never an error.
    public let hasPartitions: Bool
    /// A text may contain U+0000.
    public let textHoldsNUL: Bool
    public let catalogue: CatalogueQueries
    /// After a text: compare it by its bytes.
    public let binaryCollation: String
    /// Run first in a transaction whose foreign keys are to be looked at only when it is committed.
    public let deferForeignKeys: String
    /// Run before statements whose plans are kept: a plan that was made while a table was small reads it as a whole, or
    /// sorts it, and stays so when it has grown. Nil where plans do not depend on sizes.
    public let planByIndex: String?
    /// Run first in a migration's transaction so that migrators queue; nil where a write transaction excludes them.
    public let migrationLock: String?
    /// Asks, in a transaction, to be the only one that seals the audit log: a row `locked`, true or false. Nil where writers
    /// exclude each other anyway.
    public let sealLock: String?

    private init(
        name: String, placeholder: Placeholder, list: List, bulkInsert: BulkInsert, parameterLimit: Int,
        identity: Identity, now: String, microseconds: String, month: (before: String, after: String), greatest: String,
        jsonCast: String,
        timestampType: String, locksRows: Bool, keepsDeadRows: Bool,
        rowLock: String, writesInWith: Bool, hasLateral: Bool, hasPartitions: Bool, textHoldsNUL: Bool,
        catalogue: CatalogueQueries,
        binaryCollation: String, deferForeignKeys: String, planByIndex: String?, migrationLock: String?,
        sealLock: String?
    ) {
        self.name = name
        self.placeholder = placeholder
        self.list = list
        self.bulkInsert = bulkInsert
        self.parameterLimit = parameterLimit
        self.identity = identity
        self.now = now
        self.microseconds = microseconds
        self.month = month
        self.greatest = greatest
        self.jsonCast = jsonCast
        self.timestampType = timestampType
        self.locksRows = locksRows
        self.keepsDeadRows = keepsDeadRows
        self.rowLock = rowLock
        self.writesInWith = writesInWith
        self.hasLateral = hasLateral
        self.hasPartitions = hasPartitions
        self.textHoldsNUL = textHoldsNUL
        self.catalogue = catalogue
        self.binaryCollation = binaryCollation
        self.deferForeignKeys = deferForeignKeys
        self.planByIndex = planByIndex
        self.migrationLock = migrationLock
        self.sealLock = sealLock
    }

    public static let sqlite = Dialect(
        name: "SQLite", placeholder: .question, list: .jsonEach, bulkInsert: .values, parameterLimit: 32_766,
        identity: .rowID, now: "plue_now()", microseconds: "",
        month: ("CAST(strftime('%Y%m', (", ") / 1000000, 'unixepoch') AS INTEGER)"), greatest: "max", jsonCast: "",
        timestampType: "INTEGER",
        locksRows: false, keepsDeadRows: false,
        rowLock: "", writesInWith: false, hasLateral: false, hasPartitions: false, textHoldsNUL: true,
        catalogue: .sqlite,
        binaryCollation: " COLLATE BINARY",
        deferForeignKeys: "PRAGMA defer_foreign_keys=ON", planByIndex: nil, migrationLock: nil, sealLock: nil)

    public static let postgres = Dialect(
        name: "PostgreSQL", placeholder: .dollar, list: .anyArray, bulkInsert: .recordset, parameterLimit: 65_535,
        identity: .sequence, now: "clock_timestamp()", microseconds: " * interval '1 microsecond'",
        month: ("to_char((", ") AT TIME ZONE 'UTC', 'YYYYMM')::bigint"), greatest: "greatest", jsonCast: "::json",
        timestampType: "timestamptz",
        locksRows: true, keepsDeadRows: true, rowLock: "FOR NO KEY UPDATE", writesInWith: true, hasLateral: true,
        hasPartitions: true,
        textHoldsNUL: false,
        catalogue: .postgres, binaryCollation: #" COLLATE "C""#,
        deferForeignKeys: "SET CONSTRAINTS ALL DEFERRED",
        planByIndex: """
            SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true), \
            set_config('enable_bitmapscan', 'off', true)
            """,
        migrationLock: "SELECT pg_advisory_xact_lock(1819238756, hashtext(current_schema()))",
        sealLock: "SELECT pg_try_advisory_xact_lock(1819238758, hashtext(current_schema())) AS locked")

    /// The placeholder of parameter `number`, counted from 1.
    public func parameter(_ number: Int) -> String {
        switch placeholder {
        case .question: "?"
        case .dollar: "$\(number)"
        }
    }
}

extension Dialect: Hashable {
    public static func == (left: Dialect, right: Dialect) -> Bool { left === right }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
