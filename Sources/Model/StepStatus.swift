/// The state of a step.
public enum StepStatus: String, Sendable, CaseIterable {
    case pending, completed, skipped, failed
    case inProgress = "in_progress"
}

/// How a step ended: its `outcome` before `continue-on-error` is applied, its `conclusion` after.
public enum StepConclusion: String, Sendable, CaseIterable {
    case success, failure, cancelled, skipped

    /// A cancelled step is `completed` with conclusion cancelled.
    public var status: StepStatus {
        switch self {
        case .success, .cancelled: .completed
        case .failure: .failed
        case .skipped: .skipped
        }
    }
}
