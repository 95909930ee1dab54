/// How jobs are executed on this host.
public struct HostSettings: Sendable {
    /// Where jobs get their folders; everything under it is removed with the job.
    public var workDirectory: String
    /// `RUNNER_TOOL_CACHE`; kept between jobs.
    public var toolCache: String
    /// What steps inherit from plue's own environment.
    public var environment: [String: String]
    /// Extra variables of the run (`--env`, `--env-file`): below those of the workflow.
    public var extraEnvironment: [String: String]
    /// Repository secrets, by upper-case name.
    public var secrets: [String: String]
    /// Those of the job's environment, which go before what its callers hand on.
    public var environmentSecrets: [String: String]
    /// Local copies of action repositories: `owner/name@ref` or `owner/name` to a folder.
    public var localRepositories: [String: String]
    public var tree: TreeSource
    /// Labels of other systems that are to mean this host.
    public var labels: [String]
    public var runnerName: String
    /// What `RUNNER_TRACKING_ID` begins with: no two processes on a host share it.
    public var trackingName: String

    /// As whom steps run; nil for who plue is.
    public var user: JobUser?
    /// Steps may not set variables that decide what later steps run, and stay in the folders of their job.
    public var isStrict: Bool
    /// How many processes a job may have at once; 0 is no limit.
    public var maxProcesses: Int

    /// 4,096: more than builds need, fewer than a host has.
    public static let standardMaxProcesses = ProcessKeeper.standardLimit

    public init(
        workDirectory: String, toolCache: String, environment: [String: String], tree: TreeSource, runnerName: String
    ) {
        self.workDirectory = workDirectory
        self.toolCache = toolCache
        self.environment = environment
        self.tree = tree
        self.runnerName = runnerName
        trackingName = runnerName
        extraEnvironment = [:]
        secrets = [:]
        environmentSecrets = [:]
        localRepositories = [:]
        labels = []
        isStrict = false
        maxProcesses = Self.standardMaxProcesses
    }
}
