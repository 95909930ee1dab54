public import Model

/// What one call of ``ScheduleService/fire(zones:heads:resolver:)`` did.
public struct ScheduleFirings: Sendable {
    /// In the order in which they were made.
    public var runs: [RunID] = []
    /// Occurrences that could not make a run.
    public var skipped = 0
    /// Schedules that could not be looked at, and why; the next call tries again.
    public var failures: [(id: ScheduleID, error: any Error)] = []
}
