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
    /// A local runner lives as long as this file is locked.
    public var lockPath: String?
    public var maxParallelJobs: Int64

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        uuid = try row["uuid"]
        name = try row["name"]
        status = try row["status"]
        lockPath = try row["lock_path"]
        maxParallelJobs = try row["max_parallel_jobs"]
    }
}
