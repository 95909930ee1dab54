import Storage

/// Compiled statements by their text; the one unused for longest goes first.
struct StatementCache {
    private let limit: Int
    private var statements: [String: PreparedStatement] = [:]
    private var clock: UInt64 = 0
    /// What was used last: a loop finds it without a hash.
    private var lastText = ""
    private var last: PreparedStatement?

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    mutating func statement(_ sql: String, _ handle: SQLiteHandle) throws(StorageError) -> PreparedStatement {
        if let last, lastText == sql { return last }
        clock += 1
        if let known = statements[sql] {
            known.lastUse = clock
            (lastText, last) = (sql, known)
            return known
        }
        let statement = try PreparedStatement(sql, handle)
        statement.lastUse = clock
        // A scan of some hundred entries is small beside a compilation.
        if statements.count >= limit, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements[oldest.key] = nil
        }
        statements[sql] = statement
        (lastText, last) = (sql, statement)
        return statement
    }

    mutating func removeAll() {
        statements = [:]
        last = nil
    }
}
