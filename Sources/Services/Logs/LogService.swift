public import Model
internal import QueryBuilder
internal import Storage

/// Logs: appended in chunks by the runner; read by line, byte, step or from the end. What is read costs the same however
/// long the log is.
public struct LogService: Sendable {
    let services: Services

    /// The longest text of one line, bytes: a longer one is divided by whoever reads the process.
    public static let lineLimit = 32_768

    /// Chunks of one answer.
    static let pageLimit = 64

    /// Stores a chunk; one with the same sequence that is there already stands.
    static func append(
        _ lines: [LogLine], sequence: Int64, firstLine: Int64, firstByte: Int64, of assignment: JobAssignment,
        on db: isolated any StorageConnection
    ) throws {
        let chunk = try LogChunk(
            lines, sequence: sequence, firstLine: firstLine, firstByte: firstByte, of: assignment)
        if let chunk { try db.run(LogChunk.insert, chunk.values) }
    }

    /// The lines of an execution's newest assignment from `after` (a line number; 0 for all), at most 64 chunks of them.
    /// Ends before a line that has not arrived.
    public func read(_ execution: ExecutionID, after: Int64 = 0) async throws -> [LogLine] {
        try await services.backend.read { db in
            guard let log = try StoredLog(of: execution, on: db) else { return [] }
            return try log.lines(after: max(0, after), on: db)
        }
    }

    /// The id of an execution's newest claim.
    static func newestAssignment(of execution: ExecutionID) -> Select {
        Select("max(newest.id)").from("actions_job_assignments AS newest").where("newest.execution_id = \(execution)")
    }
}
