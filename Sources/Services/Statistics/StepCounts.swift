internal import Storage

/// How often a step was executed, and what it used: the numbers of rows of `actions_daily_steps`.
public struct StepCounts: Sendable, Hashable {
    public var executed: Int64 = 0
    public var failed: Int64 = 0
    /// Of those that succeeded: the same leg's failed in the attempt before.
    public var flaky: Int64 = 0
    public var runMicroseconds: Int64 = 0
    public var cpuMicroseconds: Int64 = 0
    /// The most of all; 0 where none was measured.
    public var peakMemoryBytes: Int64 = 0

    public init() {}

    static func + (a: StepCounts, b: StepCounts) -> StepCounts {
        var sum = a
        sum.executed += b.executed
        sum.failed += b.failed
        sum.flaky += b.flaky
        sum.runMicroseconds += b.runMicroseconds
        sum.cpuMicroseconds += b.cpuMicroseconds
        sum.peakMemoryBytes = max(sum.peakMemoryBytes, b.peakMemoryBytes)
        return sum
    }

    init(_ row: Row) throws(StorageError) {
        executed = try row["executed"]
        failed = try row["failed"]
        flaky = try row["flaky"]
        runMicroseconds = try row["run_microseconds"]
        cpuMicroseconds = try row["cpu_microseconds"]
        peakMemoryBytes = try row["peak_memory_bytes"]
    }
}
