internal import Model
internal import Services

/// The exit code of runs.
enum RunResult {
    /// 0 passed or skipped, 1 failed or timed out, 2 cancelled.
    static func exitCode(_ run: WorkflowRun, jobs: [JobExecution]) -> Int32 {
        switch run.conclusion {
        case .success, .skipped, .neutral: return ExitStatus.passed
        case .cancelled:
            let isTimeout = jobs.contains { $0.statusReason == .timedOut }
            return isTimeout && run.cancelRequestedAt == nil ? ExitStatus.failed : ExitStatus.cancelled
        case .failure, .timedOut, .actionRequired, .stale, .startupFailure, nil: return ExitStatus.failed
        }
    }

    /// Of several runs the worst: a failure before a cancellation before success.
    static func worst(_ codes: [Int32]) -> Int32 {
        for code in [ExitStatus.failed, ExitStatus.cancelled] where codes.contains(code) { return code }
        return ExitStatus.passed
    }
}
