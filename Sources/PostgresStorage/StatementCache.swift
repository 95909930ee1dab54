import Storage

/// Prepared statements by their text; the one unused for longest goes first.
struct StatementCache {
    private let limit: Int
    private var statements: [String: [PreparedStatement]] = [:]
    private var count = 0
    private var clock: UInt64 = 0
    /// What was used last: a loop finds it without a hash.
    private var last: PreparedStatement?
    private var lastName = 0
    /// What the server is to be told before the next statement: names no longer used.
    private(set) var forgotten: [String] = []

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    mutating func find(_ statement: Statement) -> PreparedStatement? {
        if let last, last.lastUse == clock, last.sql == statement.sql, last.accepts(statement.parameters) {
            clock += 1
            last.lastUse = clock
            return last
        }
        guard let found = statements[statement.sql]?.first(where: { $0.accepts(statement.parameters) }) else {
            return nil
        }
        clock += 1
        found.lastUse = clock
        last = found
        return found
    }

    /// A new one, not prepared yet.
    mutating func add(_ statement: Statement) -> PreparedStatement {
        clock += 1
        lastName += 1
        let prepared = PreparedStatement(statement, name: "plue_\(lastName)")
        prepared.lastUse = clock
        statements[statement.sql, default: []].append(prepared)
        count += 1
        return prepared
    }

    /// Takes out those unused for longest, none used since `mark`.
    mutating func evict(before mark: UInt64) {
        while count > limit {
            // A scan of some hundred entries is small beside a round trip.
            let all = statements.values.joined()
            guard let oldest = all.min(by: { $0.lastUse < $1.lastUse }), oldest.lastUse <= mark else { return }
            remove(oldest)
        }
    }

    var mark: UInt64 { clock }

    mutating func remove(_ statement: PreparedStatement) {
        if last === statement { last = nil }
        let left = statements[statement.sql, default: []].filter { $0 !== statement }
        guard left.count < statements[statement.sql, default: []].count else { return }
        statements[statement.sql] = left.isEmpty ? nil : left
        count -= 1
        if statement.isReady { forgotten.append(statement.name) }
    }

    /// All of them: a table has changed, or the server has lost them.
    mutating func removeAll() {
        guard count > 0 else { return }
        last = nil
        statements = [:]
        count = 0
        forgotten = ["ALL"]
    }

    /// The server is about to be told to forget every statement.
    var forgetsAll: Bool { forgotten.first == "ALL" }

    /// The commands that tell the server.
    mutating func takeForgotten() -> [Command] {
        defer { forgotten = [] }
        return forgotten.map { .text("DEALLOCATE \($0)") }
    }
}
