/// What is kept for a time of its own after it has ended.
public enum RetentionClass: String, Sendable, CaseIterable {
    /// The logs of finished runs.
    case logs
    /// Finished runs with everything below them: jobs, steps, logs, annotations, transitions.
    case runs
    /// Stored deliveries that no run refers to.
    case events
    /// What rows of the audit log tell beside who did what: whole months, once they are sealed. The rows themselves stay.
    case audit

    /// Days, where nothing else is set.
    public var defaultDays: Int64 {
        switch self {
        case .logs, .events: 90
        case .runs, .audit: 400
        }
    }
}
