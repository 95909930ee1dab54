public import Model

/// How runs and jobs did over some days: what ``StatisticsService/read(_:by:)`` found.
public struct Statistics: Sendable {
    /// The runs of a workflow, or one of its jobs.
    public struct Entry: Sendable {
        public var workflow: WorkflowID
        public var repository: RepositoryID
        /// `OWNER/NAME`
        public var repositoryName: String
        /// Of the workflow: `.github/workflows/ci.yml`.
        public var filename: String
        /// Keys of the callers and the job's; nil: the runs. Legs of a matrix are one job.
        public var job: String?
        /// `minutes` of runs are those of their jobs.
        public var counts: JobCounts
        /// Between being queued and started. Of runs: until the first job started.
        public var queueTimes: TimeHistogram
        /// Between start and end.
        public var runTimes: TimeHistogram
        /// Of a job, those that were executed.
        public var steps: [StepEntry]

        /// The sums of its steps; the peak is the most of all.
        public var use: StepCounts { steps.reduce(StepCounts()) { $0 + $1.counts } }
    }

    /// A step of a job.
    public struct StepEntry: Sendable {
        /// As the `steps` context has it: its id, or `__run_2`.
        public var step: String
        /// As it was shown.
        public var name: String
        public var counts: StepCounts
    }

    /// What a runner did.
    public struct RunnerUse: Sendable {
        /// Nil: local runs, runners that take one job, and those that were gone when it was counted.
        public var name: String?
        public var claims: Int64
        /// The sum of all claims: more than the day has, where it executes several jobs at once.
        public var busyMicroseconds: Int64
    }

    /// By repository, file and job, the runs of a workflow before its jobs.
    public var entries: [Entry]
    /// The busiest first.
    public var runners: [RunnerUse]
}
