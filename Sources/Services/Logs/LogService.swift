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
        guard !lines.isEmpty else { return }
        let subject = "log of job \(assignment.executionID)"
        guard sequence >= 0, firstLine >= 1, firstByte >= 0, firstLine <= Int64.max / 2, firstByte <= Int64.max / 2
        else {
            throw ServiceError(
                .invalidInput, subject, "a chunk's sequence and first byte count from 0, its first line from 1")
        }
        var bytes: [UInt8] = []
        var plainBytes: Int64 = 0
        for line in lines {
            guard !line.text.utf8.contains(UInt8(ascii: "\n")) else {
                throw ServiceError(.invalidInput, subject, "a line holds a line feed: divide it")
            }
            LogCodec.append(line, to: &bytes)
            plainBytes += Int64(line.text.utf8.count) + 1
            guard bytes.count <= LogCodec.chunkLimit else {
                throw ServiceError(.limit, subject, "a chunk is over 64 KiB")
            }
        }
        try db.run(
            chunk,
            [
                .integer(assignment.logMonth), .integer(assignment.id.rawValue), .integer(sequence),
                .integer(firstLine), .integer(Int64(lines.count)), .integer(firstByte), .integer(plainBytes),
                .blob(bytes),
            ])
    }

    private static let chunk = PreparedQuery { new in
        Insert("actions_log_chunks").values([
            "month": new[0], "assignment_id": new[1], "seq": new[2], "first_line": new[3], "line_count": new[4],
            "first_byte": new[5], "byte_count": new[6], "data": new[7],
        ]).onConflict("month, assignment_id, seq", .doNothing)
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
