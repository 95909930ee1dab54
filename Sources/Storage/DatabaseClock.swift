import Glibc

/// The clock of an embedded database: what `plue_now()` answers. A simulator gives its own.
public struct DatabaseClock: Sendable {
    /// Microseconds since the epoch, UTC; from any thread.
    public var microseconds: @Sendable () -> Int64

    public init(microseconds: @escaping @Sendable () -> Int64) {
        self.microseconds = microseconds
    }

    /// The system's real-time clock.
    public static let system = Self {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
