internal import Glibc
internal import Storage

/// The time of day, for what is shown; what is stored takes the database's clock.
enum WallClock {
    static var now: Timestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000)
    }
}
