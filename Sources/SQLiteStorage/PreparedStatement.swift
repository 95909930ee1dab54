import CSQLite3
import Storage

/// A compiled statement. Used on its connection's thread only; finalised with its last reference.
final class PreparedStatement {
    private let handle: SQLiteHandle
    private let database: OpaquePointer
    private let pointer: OpaquePointer
    private let parameterCount: Int
    /// It changes no row.
    let isReadOnly: Bool
    private var knownColumns: Columns?
    /// Order of use, for the cache.
    var lastUse: UInt64 = 0

    /// Compiles exactly one statement.
    init(_ sql: String, _ handle: SQLiteHandle) throws(StorageError) {
        let database = try handle.raw
        var text = sql
        var statement: OpaquePointer?
        let (code, hasTail): (Int32, Bool) = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    database, characters.baseAddress, Int32(clamping: characters.count),
                    UInt32(SQLITE_PREPARE_PERSISTENT), &statement, &tail)
                guard let tail, let start = characters.baseAddress else { return (code, false) }
                return (code, characters[(tail - start)...].contains { !Self.isBlank($0) })
            }
        }
        guard code == SQLITE_OK else { throw handle.error(code) }
        guard let statement else { throw StorageError(.syntax, "there is no statement in \"\(sql)\"") }
        guard !hasTail else {
            sqlite3_finalize(statement)
            throw StorageError(.misuse, "more than one statement at a time: \(sql)")
        }
        self.handle = handle
        self.database = database
        pointer = statement
        parameterCount = Int(sqlite3_bind_parameter_count(statement))
        isReadOnly = sqlite3_stmt_readonly(statement) != 0
    }

    deinit {
        sqlite3_finalize(pointer)
    }

    /// Binds, steps to the end and resets.
    func run(_ parameters: [Value]) throws(StorageError) -> Rows {
        guard parameters.count == parameterCount else {
            throw StorageError(.misuse, "\(parameters.count) values for \(parameterCount) parameters")
        }
        defer {
            sqlite3_reset(pointer)
            if parameterCount > 0 { sqlite3_clear_bindings(pointer) }
        }
        for index in 0..<parameterCount {
            try bind(parameters[index], Int32(index + 1))
        }
        if isReadOnly { return try rows() }
        let before = sqlite3_total_changes64(database)
        var rows = try rows()
        if sqlite3_total_changes64(database) != before { rows.changes = Int(sqlite3_changes64(database)) }
        return rows
    }

    private func rows() throws(StorageError) -> Rows {
        guard try step() else { return Rows(changes: 0) }
        // The count is right only after the first step: a changed schema makes SQLite compile anew.
        let columns = columns()
        let width = columns.names.count
        var values: [Value] = []
        values.reserveCapacity(width)
        repeat {
            for column in 0..<width { values.append(ColumnReader.value(pointer, Int32(column))) }
        } while try step()
        return Rows(columns: columns, values: values, changes: 0)
    }

    /// False at the end.
    private func step() throws(StorageError) -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw handle.error(code)
        }
    }

    private func columns() -> Columns {
        let count = sqlite3_column_count(pointer)
        if let knownColumns, knownColumns.names.count == Int(count) { return knownColumns }
        let columns = Columns((0..<count).map { sqlite3_column_name(pointer, $0).map { String(cString: $0) } ?? "" })
        knownColumns = columns
        return columns
    }

    private func bind(_ value: Value, _ index: Int32) throws(StorageError) {
        let code: Int32
        switch value {
        case .null: code = sqlite3_bind_null(pointer, index)
        case .boolean(let boolean): code = sqlite3_bind_int64(pointer, index, boolean ? 1 : 0)
        case .integer(let integer): code = sqlite3_bind_int64(pointer, index, integer)
        case .timestamp(let time): code = sqlite3_bind_int64(pointer, index, time.microseconds)
        case .double(let double):
            // SQLite would store NULL.
            guard !double.isNaN else { throw StorageError(.invalidValue, "a NaN cannot be stored") }
            code = sqlite3_bind_double(pointer, index, double)
        case .text(let text): code = bind(text, index)
        case .blob(let bytes): code = bind(bytes, index)
        case .integers(let list): code = bind(JSONList.text(list), index)
        case .texts(let list): code = bind(try JSONList.text(list), index)
        }
        guard code == SQLITE_OK else { throw handle.error(code) }
    }

    private func bind(_ text: String, _ index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // A nil pointer would bind NULL.
                guard let start = characters.baseAddress, !characters.isEmpty else {
                    return sqlite3_bind_text(pointer, index, "", 0, plue_sqlite_transient())
                }
                return sqlite3_bind_text64(
                    pointer, index, start, UInt64(characters.count), plue_sqlite_transient(), UInt8(SQLITE_UTF8))
            }
        }
    }

    private func bind(_ bytes: [UInt8], _ index: Int32) -> Int32 {
        if bytes.isEmpty { return sqlite3_bind_zeroblob(pointer, index, 0) }
        return bytes.withUnsafeBytes {
            sqlite3_bind_blob64(pointer, index, $0.baseAddress, UInt64($0.count), plue_sqlite_transient())
        }
    }

    private static func isBlank(_ character: CChar) -> Bool {
        [0x20, 0x0a, 0x0d, 0x09, 0x3b].contains(character)
    }
}
