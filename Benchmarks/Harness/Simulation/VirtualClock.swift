package import Storage
internal import Synchronization

/// The time of a simulation: it stands still unless it is moved, forwards or backwards.
package final class VirtualClock: Sendable {
    private let time: Mutex<Int64>

    /// - Parameter microseconds: since the epoch, UTC; the beginning of 2026 when it is not given.
    package init(microseconds: Int64 = 1_767_225_600_000_000) {
        time = Mutex(microseconds)
    }

    package var now: Timestamp { Timestamp(microseconds: time.withLock { $0 }) }

    package func advance(by duration: Duration) {
        let step = Int64(duration / .microseconds(1))
        time.withLock { $0 += step }
    }

    /// For the database that shall have this time.
    package var databaseClock: DatabaseClock {
        DatabaseClock { self.time.withLock { $0 } }
    }
}
