/// What is kept for a time of its own after it has ended.
public enum RetentionClass: String, Sendable, CaseIterable {
    /// The logs of finished runs.
    case logs
    /// Finished runs with everything below them: jobs, steps, logs, annotations, transitions.
    case runs
    /// Stored deliveries that no run refers to.
    case events

    /// Days, where nothing else is set.
    public var defaultDays: Int64 {
        switch self {
        case .logs, .events: 90
        case .runs: 400
        }
    }
}
