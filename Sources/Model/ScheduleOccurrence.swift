public import Storage

/// What became of an occurrence of a schedule: `actions_schedule_occurrences`.
public struct ScheduleOccurrence: Sendable, Equatable {
    public enum Outcome: String, Sendable, CaseIterable {
        /// It made a run.
        case fired
        /// It could not make one.
        case skipped
        /// No server was there, and the schedule's policy made none.
        case missed
    }

    public var scheduleID: ScheduleID
    public var dueAt: Timestamp
    public var outcome: Outcome
    /// Why it made no run: a phrase for people.
    public var reason: String?
    /// Nil when the run was deleted.
    public var runID: RunID?

    public init(_ row: Row) throws(StorageError) {
        scheduleID = ID(try row["schedule_id"])
        dueAt = try row["due_at"]
        outcome = try row["outcome"]
        reason = try row["reason"]
        runID = (try row["run_id"] as Int64?).map { ID($0) }
    }
}
