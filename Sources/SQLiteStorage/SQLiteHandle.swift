import CSQLite3
import Glibc
import Storage
import Synchronization

/// An open `sqlite3 *`.
///
/// Unchecked: the pointer is used by one thread at a time, its connection's; other threads may only call `interrupt`,
/// which SQLite allows while the connection is open, and that is what the mutex sees to.
final class SQLiteHandle: @unchecked Sendable {
    let path: String
    let busyTimeout: Duration
    private var pointer: OpaquePointer?
    private let open = Mutex(true)
    /// While set, statements end with `SQLITE_INTERRUPT`. `sqlite3_interrupt` alone is lost if the statement has not begun.
    private let stopped = Atomic(false)

    /// Makes an empty file for its owner alone, which is a database without tables; one that is there stays as it is. What
    /// goes wrong SQLite tells.
    static func makePrivate(_ path: String) {
        let made = Glibc.open(path, O_CREAT | O_EXCL | O_CLOEXEC | O_RDWR, 0o600)
        if made >= 0 { Glibc.close(made) }
    }

    /// Opens or makes the file. `SQLITE_OPEN_NOMUTEX`: one thread at a time is ensured by the connection.
    init(path: String, options: SQLiteOptions) throws(StorageError) {
        self.path = path
        busyTimeout = options.busyTimeout
        // SQLite's log gets the mode of the database.
        if path != ":memory:" { Self.makePrivate(path) }
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &pointer, flags, nil)
        guard code == SQLITE_OK, let pointer else {
            let error = pointer == nil ? StorageError(.outOfMemory, "no memory to open \(path)") : error(code)
            sqlite3_close_v2(pointer)
            self.pointer = nil
            throw error
        }
        sqlite3_busy_timeout(pointer, Int32(clamping: Int64(options.busyTimeout / .milliseconds(1))))
        // The handle outlives its connection's use of the pointer, so the reference needs no retain.
        sqlite3_progress_handler(
            pointer, 4000,
            { data in
                guard let data else { return 0 }
                return Unmanaged<SQLiteHandle>.fromOpaque(data).takeUnretainedValue().isStopped ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
        try ClockFunction.register(options.clock, self)
    }

    deinit {
        sqlite3_close_v2(pointer)
    }

    /// The open pointer; throws `unavailable` after `close`.
    var raw: OpaquePointer {
        get throws(StorageError) {
            guard let pointer else { throw StorageError(.unavailable, "the database is closed") }
            return pointer
        }
    }

    /// False outside a transaction, also after an error by which SQLite ended it.
    var inTransaction: Bool {
        guard let pointer else { return false }
        return sqlite3_get_autocommit(pointer) == 0
    }

    func interrupt() {
        open.withLock { if $0, let pointer { sqlite3_interrupt(pointer) } }
    }

    /// Whether statements are to end; set by a cancelled task, reset when its lease ends.
    var isStopped: Bool {
        get { stopped.load(ordering: .relaxed) }
        set { stopped.store(newValue, ordering: .relaxed) }
    }

    /// Closes the file. All statements must have been finalised.
    func close() {
        open.withLock { $0 = false }
        sqlite3_close_v2(pointer)
        pointer = nil
    }

    /// The typed error of a result code that was just returned.
    func error(_ code: Int32) -> StorageError {
        guard let pointer else { return StorageError(.unavailable, "the database is closed") }
        let message = String(cString: sqlite3_errmsg(pointer))
        return SQLiteFailure(
            code: code, message: message, systemError: sqlite3_system_errno(pointer), path: path,
            busyTimeout: busyTimeout
        ).error
    }
}
