/// What the statements of one operation read.
package struct OperationCost: Sendable {
    package var statements = 0
    /// Rows that scans looked at in PostgreSQL; instructions of the virtual machine in SQLite.
    package var rows = 0
    /// Blocks of PostgreSQL's buffers, pages of SQLite's.
    package var blocks = 0
    /// Rows that SQLite stepped over in scans of a whole table or result.
    package var scanned = 0
    /// By their names, without a partition's month; `rowid` for SQLite's integer keys.
    package var indexes: Set<String> = []
    /// Tables that were read from end to end, as the plan names them.
    package var fullScans: Set<String> = []
    /// The statements with a full scan.
    package var offenders: [String] = []

    mutating func add(_ other: OperationCost) {
        statements += other.statements
        rows += other.rows
        blocks += other.blocks
        scanned += other.scanned
        indexes.formUnion(other.indexes)
        fullScans.formUnion(other.fullScans)
        offenders += other.offenders
    }
}
