public import Model
public import Storage

/// Why a job is not executed now.
public enum WaitReason: Sendable, Hashable {
    /// A job that must end first.
    public struct Need: Sendable, Hashable {
        public var name: String
        public var status: JobStatus
        /// What it waits for itself, while it is pending.
        public var hold: JobHold?
    }

    /// Who has a concurrency group.
    public struct Holder: Sendable, Hashable {
        public var run: RunID
        /// Its number among the runs of its workflow.
        public var number: Int64
        /// Of a job's group.
        public var job: String?
    }

    /// The runner that lacks the fewest labels.
    public struct Nearest: Sendable, Hashable {
        public var runner: RunnerID
        public var name: String
        public var missing: [String]
    }

    /// It does not wait: it has ended.
    case ended(JobConclusion)
    /// It does not wait: it is executed; a call has no runner of its own.
    case running(runner: String?, since: Timestamp?)
    /// Its runner has not spoken for longer than its lease, which ended then: a server takes it back.
    case lost(runner: String?, since: Timestamp)
    /// Its runner was told to stop it.
    case stopping(runner: String?, since: Timestamp)
    /// These are open.
    case needs([Need])
    /// The run waits until somebody approves it.
    case approval
    /// The run waits for its group.
    case runConcurrency(group: String, holder: Holder?)
    /// The job waits for its group.
    case concurrency(group: String, holder: Holder?)
    /// As many legs are on their way as the matrix allows.
    case maxParallel(running: Int64, limit: Int64)
    /// Rules of the environment are not met yet: one of those must approve it, unless they are none, and the timer must
    /// end.
    case gate(environment: String, reviewers: [String], until: Timestamp?)
    /// It is not to start before.
    case delayed(until: Timestamp)
    /// Only the runner of its `plue run` may take it.
    case bound(runner: String, ahead: Int)
    case paused(QueuePause)
    /// No runner is registered that takes jobs of its repository.
    case noRunner
    /// The groups of those that could take it do not take its repository, or not this workflow.
    case noAccess(groups: [String])
    /// It asks for a group of which no runner is registered for its repository.
    case noGroup(String)
    /// None of them has all labels; `missing` are those that none has, if there is one.
    case noMatch(missing: [String], nearest: Nearest?)
    /// Those that have its labels are offline.
    case offline(runners: [String])
    /// Those that have its labels and are online take nothing more now.
    case occupied(busy: Int, paused: Int, draining: Int, ahead: Int)
    /// Jobs that are handed out before it.
    case ahead(Int)
    /// Nothing: the next claim may take it.
    case next
}

extension WaitReason {
    /// The code of the reason, as JSON has it.
    public var code: String {
        switch self {
        case .ended: "ended"
        case .running: "running"
        case .lost: "lost"
        case .stopping: "stopping"
        case .needs: "needs"
        case .approval: "approval"
        case .runConcurrency: "run_concurrency"
        case .concurrency: "concurrency"
        case .maxParallel: "max_parallel"
        case .gate: "gate"
        case .delayed: "delayed"
        case .bound: "bound"
        case .paused: "paused"
        case .noRunner: "no_runner"
        case .noAccess: "no_access"
        case .noGroup: "no_group"
        case .noMatch: "no_match"
        case .offline: "offline"
        case .occupied: "occupied"
        case .ahead: "ahead"
        case .next: "next"
        }
    }
}
