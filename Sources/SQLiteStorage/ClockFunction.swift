import CSQLite3
import Storage

/// The SQL function `plue_now()`: microseconds since the epoch by the database's clock.
enum ClockFunction {
    private final class Box: Sendable {
        let clock: DatabaseClock

        init(_ clock: DatabaseClock) {
            self.clock = clock
        }
    }

    /// Innocuous, so that triggers may call it; not deterministic, so that SQLite keeps it out of indexes.
    static func register(_ clock: DatabaseClock, _ handle: SQLiteHandle) throws(StorageError) {
        let box = Unmanaged.passRetained(Box(clock)).toOpaque()
        let code = sqlite3_create_function_v2(
            try handle.raw, "plue_now", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, box,
            { context, _, _ in
                guard let data = sqlite3_user_data(context) else { return }
                let box = Unmanaged<Box>.fromOpaque(data).takeUnretainedValue()
                sqlite3_result_int64(context, box.clock.microseconds())
            }, nil, nil, { data in if let data { Unmanaged<Box>.fromOpaque(data).release() } })
        guard code == SQLITE_OK else { throw handle.error(code) }
    }
}
