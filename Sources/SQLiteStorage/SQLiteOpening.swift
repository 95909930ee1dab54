import CSQLite3
import Glibc
import Storage

/// How a connection is made ready.
struct SQLiteOpening: Sendable {
    let path: String
    let options: SQLiteOptions

    /// The connection that writes. On the caller's thread: one file open and three pragmas.
    func writer() throws(StorageError) -> SQLiteConnection {
        let handle = try SQLiteHandle(path: path, options: options)
        let synchronous =
            switch options.durability {
            case .normal: "NORMAL"
            case .full: "FULL"
            }
        try retrying(handle, "PRAGMA journal_mode=WAL")
        try retrying(handle, "PRAGMA synchronous=\(synchronous)")
        try retrying(handle, "PRAGMA foreign_keys=ON")
        return SQLiteConnection(handle, try ConnectionThread(), options: options)
    }

    /// A connection that reads, opened on its own thread.
    func reader() async throws(StorageError) -> SQLiteConnection {
        let thread = try ConnectionThread()
        let result: Result<SQLiteConnection, StorageError> = await withCheckedContinuation { continuation in
            thread.perform {
                do throws(StorageError) {
                    let handle = try SQLiteHandle(path: path, options: options)
                    try retrying(handle, "PRAGMA query_only=ON")
                    let connection = SQLiteConnection(handle, thread, options: options)
                    continuation.resume(returning: .success(connection))
                } catch {
                    thread.stop()
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// SQLite does not wait by itself while the journal mode is changed by several processes at once.
    private func retrying(_ handle: SQLiteHandle, _ sql: String) throws(StorageError) {
        let deadline = ContinuousClock.now + options.busyTimeout
        while true {
            let code = sqlite3_exec(try handle.raw, sql, nil, nil, nil)
            if code == SQLITE_OK { return }
            let error = handle.error(code)
            guard error.code == .busy, ContinuousClock.now < deadline else { throw error }
            usleep(UInt32.random(in: 500...5000))
        }
    }
}
