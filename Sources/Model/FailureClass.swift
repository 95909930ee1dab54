/// Whose fault a failure is.
public enum FailureClass: String, Sendable, Hashable, CaseIterable {
    /// The runner was lost, or the job could not be handed out: the same job may pass elsewhere.
    case infrastructure
    /// A step failed, or what the file says cannot be done.
    case user

    public init(_ reason: StatusReason?) {
        switch reason {
        case .runnerLost, .setupFailed, .queueTimeout: self = .infrastructure
        default: self = .user
        }
    }
}
