public import Storage

/// Something that takes jobs and executes them: `actions_runners`.
public struct Runner: Sendable {
    public enum Status: String, Sendable {
        case online, offline, busy
    }

    public var id: RunnerID
    public var uuid: String
    public var name: String
    public var status: Status
    /// It takes one job.
    public var isEphemeral: Bool
    /// It finishes what it has and takes nothing more.
    public var isDraining: Bool
    /// It takes nothing more, for this reason.
    public var pausedReason: String?
    /// A local runner lives as long as this file is locked.
    public var lockPath: String?
    public var scope: RunnerScope
    public var capabilities: RunnerCapabilities
    /// Nil: it takes the jobs of all repositories of its scope.
    public var groupID: RunnerGroupID?
    /// That group. Nil where it was not asked for.
    public var group: RunnerGroup?
    /// Lower-case; those of the system and its own. Empty where they were not asked for.
    public var labels: [String] = []
    /// Jobs that it executes. 0 where they were not asked for.
    public var liveJobs: Int64 = 0
    /// The last heartbeat.
    public var lastSeen: Timestamp?
    public var createdAt: Timestamp

    public var maxParallelJobs: Int64 { capabilities.maxParallelJobs }

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        uuid = try row["uuid"]
        name = try row["name"]
        status = try row["status"]
        isEphemeral = try row["ephemeral"]
        isDraining = try row["draining"]
        pausedReason = try row["paused_reason"]
        lockPath = try row["lock_path"]
        scope =
            if let repository = try row["repository_id"] as Int64? {
                .repository(ID(repository))
            } else if let organization = try row["organization_id"] as Int64? {
                .organization(organization)
            } else {
                .global
            }
        capabilities = RunnerCapabilities(
            maxParallelJobs: try row["max_parallel_jobs"], supportedArchitectures: [],
            dockerEnabled: try row["docker_enabled"], os: try row["os"], version: try row["version"])
        groupID = (try row["runner_group_id"] as Int64?).map { ID($0) }
        createdAt = try row["created_at"]
    }
}
