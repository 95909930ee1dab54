public import Model
internal import QueryBuilder
public import Storage

extension LogService {
    /// That a log is gone.
    public struct Removal: Sendable, Hashable {
        public var removedAt: Timestamp
        /// How long logs of the repository are kept after the end of a run, now.
        public var days: Int64
    }

    /// When the log of an execution's newest claim was removed; nil for one that is there, is still written, or never was.
    public func removal(of execution: ExecutionID) async throws -> Removal? {
        try await services.backend.read { db in
            guard let row = try StoredLog.newest(of: execution, on: db),
                let removedAt = try row["logs_removed_at"] as Timestamp?
            else { return nil }
            let repository = RepositoryID(try row["repository_id"])
            return Removal(removedAt: removedAt, days: try RetentionLimits(on: db).days(.logs, in: repository))
        }
    }
}
