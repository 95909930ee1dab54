internal import Services

/// How a runner stands to a job.
public struct RunnerCandidate: Sendable {
    public var runner: Runner
    /// Live jobs by `max_parallel_jobs`, from 0.
    public var load: Double
    /// Why it does not take the job, for people; nil: it could now.
    public var obstacle: String?

    init(_ match: RunnerMatch) {
        runner = Runner(match.runner)
        load = match.load
        obstacle = match.obstacle?.explanation
    }
}
