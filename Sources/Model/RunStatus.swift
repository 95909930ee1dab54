/// The state of a workflow run.
public enum RunStatus: String, Sendable, CaseIterable {
    case queued
    case inProgress = "in_progress"
    case completed
    case cancelled

    public var isTerminal: Bool { self == .completed || self == .cancelled }

    /// The legal transitions. A finished run goes back to `queued` only by a new attempt.
    public func canBecome(_ next: RunStatus) -> Bool {
        switch (self, next) {
        case (.queued, .inProgress), (.queued, .completed), (.queued, .cancelled), (.inProgress, .completed),
            (.inProgress, .cancelled), (.completed, .queued), (.cancelled, .queued):
            true
        default: false
        }
    }
}

/// How a run ended, in GitHub's words.
public enum RunConclusion: String, Sendable, CaseIterable {
    case success, failure, neutral, skipped, stale, cancelled
    case timedOut = "timed_out"
    case actionRequired = "action_required"
    case startupFailure = "startup_failure"

    public var status: RunStatus { self == .cancelled ? .cancelled : .completed }
}

/// Why a queued run waits.
public enum RunHold: String, Sendable {
    case requested, pending, waiting
}
