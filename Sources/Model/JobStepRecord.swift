public import Storage

/// One step of an assignment: `actions_steps`.
public struct JobStepRecord: Sendable {
    public var assignmentID: AssignmentID
    public var number: Int64
    public var name: String
    public var status: StepStatus
    public var outcome: StepConclusion?
    public var conclusion: StepConclusion?
    public var exitCode: Int64?
    /// The first of its lines in the log of the assignment, 1-based; nil while it wrote none.
    public var logFirstLine: Int64?
    public var logLineCount: Int64
    /// Nil for a step that started no process of its own.
    public var use: ResourceUse?
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?

    public init(_ row: Row) throws(StorageError) {
        assignmentID = ID(try row["assignment_id"])
        number = try row["number"]
        name = try row["name"]
        status = try row["status"]
        outcome = try row["outcome"]
        conclusion = try row["conclusion"]
        exitCode = try row["exit_code"]
        logFirstLine = try row["log_first_line"]
        logLineCount = try row["log_line_count"]
        if let cpu: Int64 = try row["cpu_microseconds"] {
            use = ResourceUse(cpuMicroseconds: cpu, peakMemoryBytes: try row["peak_memory_bytes"])
        }
        startedAt = try row["started_at"]
        completedAt = try row["completed_at"]
    }
}
