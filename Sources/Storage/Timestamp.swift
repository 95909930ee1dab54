/// A moment: microseconds since 1970-01-01T00:00:00Z, the precision of PostgreSQL's `timestamptz`.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since the epoch, UTC; negative before it.
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The moment `duration` later; truncated to microseconds, and held at the ends of the range.
    public func advanced(by duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (delta, overflow2) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let (sum, overflow3) = microseconds.addingReportingOverflow(delta)
        if overflow || overflow2 || overflow3 {
            return Self(microseconds: seconds < 0 ? .min : .max)
        }
        return Self(microseconds: sum)
    }

    /// The time from `earlier` to this moment.
    public func duration(since earlier: Self) -> Duration {
        .microseconds(microseconds) - .microseconds(earlier.microseconds)
    }
}
