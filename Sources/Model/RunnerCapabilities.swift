/// What a runner can do.
public struct RunnerCapabilities: Sendable, Hashable {
    /// At least 1.
    public var maxParallelJobs: Int64
    /// `x64`, `arm64`, …; each is a label of the runner.
    public var supportedArchitectures: [String]
    /// It has the label `docker`.
    public var dockerEnabled: Bool
    /// `linux`, `macos`, `windows`; a label of the runner.
    public var os: String
    /// Of the runner's program.
    public var version: String

    public init(
        maxParallelJobs: Int64 = 1, supportedArchitectures: [String] = ["x64"], dockerEnabled: Bool = false,
        os: String = "linux", version: String = ""
    ) {
        self.maxParallelJobs = maxParallelJobs
        self.supportedArchitectures = supportedArchitectures
        self.dockerEnabled = dockerEnabled
        self.os = os
        self.version = version
    }
}
