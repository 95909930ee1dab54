/// The state of a job execution.
public enum JobStatus: String, Sendable, CaseIterable {
    case pending, queued, completed, failed, cancelled
    case inProgress = "in_progress"

    public var isTerminal: Bool {
        switch self {
        case .completed, .failed, .cancelled: true
        case .pending, .queued, .inProgress: false
        }
    }

    /// The legal transitions; `inProgress` to `queued` is a lost lease with retries left.
    public func canBecome(_ next: JobStatus) -> Bool {
        switch (self, next) {
        case (.pending, .queued), (.pending, .inProgress), (.queued, .inProgress), (.inProgress, .queued): true
        case (.pending, _), (.queued, _), (.inProgress, _): next.isTerminal
        case (.completed, _), (.failed, _), (.cancelled, _): false
        }
    }
}

/// How a job ended, in GitHub's words.
public enum JobConclusion: String, Sendable, CaseIterable {
    case success, neutral, skipped, failure, cancelled
    case startupFailure = "startup_failure"

    public var status: JobStatus {
        switch self {
        case .success, .neutral, .skipped: .completed
        case .failure, .startupFailure: .failed
        case .cancelled: .cancelled
        }
    }

    /// The word of `needs.<id>.result`: success, failure, cancelled or skipped.
    public var result: JobConclusion {
        switch self {
        case .success, .neutral: .success
        case .failure, .startupFailure: .failure
        case .cancelled: .cancelled
        case .skipped: .skipped
        }
    }

    /// The one result of several legs: any failure, else any cancelled, else success, else skipped.
    public static func combined(_ all: [JobConclusion]) -> JobConclusion {
        let results = all.map(\.result)
        for word in [JobConclusion.failure, .cancelled, .success] where results.contains(word) { return word }
        return .skipped
    }
}

/// What a pending job waits for.
public enum JobHold: String, Sendable {
    case needs, concurrency, gate, run
    case maxParallel = "max_parallel"
}
