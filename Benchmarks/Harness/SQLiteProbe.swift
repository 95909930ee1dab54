internal import CSQLite3
internal import Storage

/// A connection of its own to a SQLite file, that counts what statements do there and undoes it.
final class SQLiteProbe {
    private let db: OpaquePointer

    init(path: String) throws {
        var opened: OpaquePointer?
        guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
            let opened
        else {
            sqlite3_close_v2(opened)
            throw BenchmarkError("cannot open \(path)")
        }
        db = opened
        sqlite3_busy_timeout(db, 10_000)
        sqlite3_create_function_v2(
            db, "plue_now", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, nil,
            { context, _, _ in sqlite3_result_int64(context, DatabaseClock.system.microseconds()) }, nil, nil, nil)
    }

    deinit {
        sqlite3_close_v2(db)
    }

    /// The cost of statements that run in one transaction, which is rolled back.
    func run(_ statements: [Statement]) throws -> OperationCost {
        try execute("BEGIN IMMEDIATE")
        defer { try? execute("ROLLBACK") }
        var cost = OperationCost()
        for statement in statements { cost.add(try run(statement)) }
        return cost
    }

    private func run(_ statement: Statement) throws -> OperationCost {
        var cost = OperationCost(statements: 1)
        try plan(statement, &cost)
        let prepared = try prepare(statement.sql, statement.parameters)
        defer { sqlite3_finalize(prepared) }
        let before = try pages()
        var code = sqlite3_step(prepared)
        while code == SQLITE_ROW {
            // Columns that lie on further pages are read when they are asked for.
            for column in 0..<sqlite3_column_count(prepared) { _ = sqlite3_column_blob(prepared, column) }
            code = sqlite3_step(prepared)
        }
        guard code == SQLITE_DONE else { throw failure(statement.sql) }
        cost.blocks = try pages() - before
        cost.rows = Int(sqlite3_stmt_status(prepared, SQLITE_STMTSTATUS_VM_STEP, 0))
        cost.scanned = Int(sqlite3_stmt_status(prepared, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0))
        return cost
    }

    /// Reads `EXPLAIN QUERY PLAN`: `SEARCH e USING INDEX name (…)`, `SCAN r`, …
    private func plan(_ statement: Statement, _ cost: inout OperationCost) throws {
        let prepared = try prepare("EXPLAIN QUERY PLAN " + statement.sql, statement.parameters)
        defer { sqlite3_finalize(prepared) }
        while sqlite3_step(prepared) == SQLITE_ROW {
            guard let text = sqlite3_column_text(prepared, 3) else { continue }
            let words = String(cString: text).split(separator: " ").map(String.init)
            if words.contains("USING"), words.contains("PRIMARY") { cost.indexes.insert("rowid") }
            if let at = words.firstIndex(of: "INDEX"), at + 1 < words.count { cost.indexes.insert(words[at + 1]) }
            // `SCAN CONSTANT ROW`, and what is no table: a list, a series, a WITH.
            guard words.first == "SCAN", words.count > 1, !["CONSTANT", "json_each", "n"].contains(words[1]) else {
                continue
            }
            cost.fullScans.insert(words[1])
            cost.offenders.append(statement.sql)
        }
    }

    private func prepare(_ sql: String, _ values: [Value]) throws -> OpaquePointer {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(db, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else { throw failure(sql) }
        for (index, value) in values.enumerated() { bind(value, Int32(index + 1), prepared) }
        return prepared
    }

    private func bind(_ value: Value, _ index: Int32, _ prepared: OpaquePointer) {
        switch value {
        case .null: sqlite3_bind_null(prepared, index)
        case .boolean(let boolean): sqlite3_bind_int64(prepared, index, boolean ? 1 : 0)
        case .integer(let integer): sqlite3_bind_int64(prepared, index, integer)
        case .timestamp(let time): sqlite3_bind_int64(prepared, index, time.microseconds)
        case .double(let double): sqlite3_bind_double(prepared, index, double)
        case .text(let text): bind(text, index, prepared)
        case .blob(let bytes):
            _ = bytes.withUnsafeBytes {
                sqlite3_bind_blob64(prepared, index, $0.baseAddress, UInt64($0.count), plue_sqlite_transient())
            }
        case .integers(let list): bind("[" + list.map(String.init).joined(separator: ",") + "]", index, prepared)
        case .texts(let list):
            // Names of the benchmark: nothing to escape.
            bind("[" + list.map { "\"\($0)\"" }.joined(separator: ",") + "]", index, prepared)
        }
    }

    private func bind(_ text: String, _ index: Int32, _ prepared: OpaquePointer) {
        sqlite3_bind_text(prepared, index, text, Int32(text.utf8.count), plue_sqlite_transient())
    }

    /// Pages asked for since the connection was opened.
    private func pages() throws -> Int {
        var (hits, misses, highest): (Int32, Int32, Int32) = (0, 0, 0)
        guard sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_HIT, &hits, &highest, 0) == SQLITE_OK,
            sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_MISS, &misses, &highest, 0) == SQLITE_OK
        else { throw failure("db_status") }
        return Int(hits) + Int(misses)
    }

    private func execute(_ sql: String) throws {
        guard sqlite3_exec(db, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    private func failure(_ sql: String) -> BenchmarkError {
        BenchmarkError("\(String(cString: sqlite3_errmsg(db))): \(sql)")
    }
}
