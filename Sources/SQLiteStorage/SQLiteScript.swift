import CSQLite3
import Storage

/// Several statements in one text. SQLite itself finds where each ends, so that triggers, strings and comments are read
/// as it reads them. Transaction control is refused: a migration must not end the transaction that it runs in.
struct SQLiteScript {
    let text: String

    func run(_ handle: SQLiteHandle) throws(StorageError) {
        let database = try handle.raw
        sqlite3_set_authorizer(
            database,
            { _, action, _, _, _, _ in
                action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT ? SQLITE_DENY : SQLITE_OK
            }, nil)
        defer { sqlite3_set_authorizer(database, nil, nil) }
        let bytes = Array(text.utf8)
        guard !bytes.contains(0) else { throw StorageError(.syntax, "a script cannot contain a NUL") }
        var offset = 0
        while offset < bytes.count {
            let (code, statement, next) = Self.prepare(database, bytes, offset)
            defer { sqlite3_finalize(statement) }
            guard code == SQLITE_OK else { throw located(handle.error(code), bytes, offset) }
            // Only blanks or a comment were left.
            guard let statement else { return }
            var result = sqlite3_step(statement)
            while result == SQLITE_ROW { result = sqlite3_step(statement) }
            guard result == SQLITE_DONE else { throw located(handle.error(result), bytes, offset) }
            offset = next
        }
    }

    private static func prepare(
        _ database: OpaquePointer, _ bytes: [UInt8], _ offset: Int
    ) -> (code: Int32, statement: OpaquePointer?, next: Int) {
        bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { return (SQLITE_OK, nil, offset) }
                var statement: OpaquePointer?
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v2(
                    database, start + offset, Int32(clamping: characters.count - offset), &statement, &tail)
                return (code, statement, tail.map { $0 - start } ?? characters.count)
            }
        }
    }

    /// Says the line on which the statement begins.
    private func located(_ error: StorageError, _ bytes: [UInt8], _ offset: Int) -> StorageError {
        let blank = bytes[offset...].prefix { $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }
        let line = bytes[..<blank.endIndex].count { $0 == 0x0a } + 1
        var error = error
        error.message = "statement at line \(line): \(error.message)"
        return error
    }
}
