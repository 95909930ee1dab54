internal import Storage

/// How often something ended, and how: the numbers of a row of `actions_daily_jobs`, or of several.
public struct JobCounts: Sendable, Hashable {
    public var succeeded: Int64 = 0
    public var failed: Int64 = 0
    public var cancelled: Int64 = 0
    public var skipped: Int64 = 0
    /// Of the failed ones: no fault of the user's.
    public var infrastructure: Int64 = 0
    public var timedOut: Int64 = 0
    /// Of the succeeded ones: the same leg, of the same commit, failed in the attempt before, by its user's fault.
    public var flaky: Int64 = 0
    /// In a later attempt than the first.
    public var repeated: Int64 = 0
    /// Claims that were lost with their runner.
    public var lostClaims: Int64 = 0
    /// Those that started: of them are the times.
    public var executed: Int64 = 0
    /// Between being queued and being started for the last time.
    public var queueMicroseconds: Int64 = 0
    /// Between start and end.
    public var runMicroseconds: Int64 = 0
    /// Each execution rounded up, as GitHub bills.
    public var minutes: Int64 = 0

    public init() {}

    public var total: Int64 { succeeded + failed + cancelled + skipped }

    /// Of those that succeeded or failed, 0 to 1; nil of none.
    public var successRate: Double? {
        let judged = succeeded + failed
        return judged == 0 ? nil : Double(succeeded) / Double(judged)
    }

    static let columns: [StaticString] = [
        "succeeded", "failed", "cancelled", "skipped", "infrastructure", "timed_out", "flaky", "repeated",
        "lost_claims",
        "executed", "queue_microseconds", "run_microseconds", "minutes",
    ]

    /// In the order of the columns.
    var values: [Int64] {
        [
            succeeded, failed, cancelled, skipped, infrastructure, timedOut, flaky, repeated, lostClaims, executed,
            queueMicroseconds, runMicroseconds, minutes,
        ]
    }

    init(_ row: Row) throws(StorageError) {
        succeeded = try row["succeeded"]
        failed = try row["failed"]
        cancelled = try row["cancelled"]
        skipped = try row["skipped"]
        infrastructure = try row["infrastructure"]
        timedOut = try row["timed_out"]
        flaky = try row["flaky"]
        repeated = try row["repeated"]
        lostClaims = try row["lost_claims"]
        executed = try row["executed"]
        queueMicroseconds = try row["queue_microseconds"]
        runMicroseconds = try row["run_microseconds"]
        minutes = try row["minutes"]
    }
}
