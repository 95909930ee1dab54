/// Why a run or a job is in its state: a typed code, stored beside the state.
public enum StatusReason: String, Sendable, CaseIterable {
    case conditionFalse = "condition_false"
    case needsFailed = "needs_failed"
    case needsSkipped = "needs_skipped"
    case expressionError = "expression_error"
    case matrixEmpty = "matrix_empty"
    case unsupportedPlatform = "unsupported_platform"
    case cancelledByUser = "cancelled_by_user"
    case failFast = "fail_fast"
    case superseded
    case concurrencyDeadlock = "concurrency_deadlock"
    case timedOut = "timed_out"
    case runnerLost = "runner_lost"
    /// No runner took it in time.
    case queueTimeout = "queue_timeout"
    /// The run took longer than any may.
    case runTimeout = "run_timeout"
    /// The file, or its name, group or calls: the run's diagnostics say what and where.
    case invalidWorkflow = "invalid_workflow"
    case callInvalid = "call_invalid"
    case setupFailed = "setup_failed"
    /// Its steps had more processes at once than a job may have.
    case processLimit = "process_limit"
    /// The environment does not take jobs of that branch or tag.
    case refNotAllowed = "ref_not_allowed"
    /// A reviewer said no.
    case reviewRejected = "review_rejected"
    /// No reviewer said anything in time.
    case approvalTimeout = "approval_timeout"
    /// The environment was deleted while the job waited for its rules.
    case environmentDeleted = "environment_deleted"
}
