public import Model
internal import QueryBuilder
internal import Storage

/// Logs: appended in chunks by the runner, read by line.
public struct LogService: Sendable {
    let services: Services

    /// The longest text of one line, bytes: a longer one is divided by whoever reads the process.
    public static let lineLimit = 32_768

    static func append(
        _ lines: [LogLine], sequence: Int64, firstLine: Int64, of assignment: JobAssignment,
        on db: isolated any StorageConnection
    ) throws {
        var bytes: [UInt8] = []
        for line in lines { LogCodec.append(line, to: &bytes) }
        guard bytes.count <= LogCodec.chunkLimit else {
            throw ServiceError(.limit, "log of job \(assignment.executionID)", "a chunk is over 64 KiB")
        }
        try db.run(
            Insert("actions_log_chunks").values([
                "month": assignment.logMonth, "assignment_id": assignment.id, "seq": sequence,
                "first_line": firstLine, "line_count": lines.count, "data": bytes,
            ]).onConflict("month, assignment_id, seq", .doNothing))
    }

    /// The lines of an execution's newest assignment from `after` (a line number; 0 for all), at most 64 chunks of them.
    public func read(_ execution: ExecutionID, after: Int64 = 0) async throws -> [LogLine] {
        let chunks = Select("c.first_line", "c.data").from("actions_log_chunks AS c")
            .join("actions_job_assignments AS a", on: "a.id = c.assignment_id AND a.log_month = c.month")
            .where("a.execution_id = \(execution)")
            .and("a.id = \(Self.newestAssignment(of: execution))")
            .and("c.first_line + c.line_count > \(after + 1)").orderBy("c.seq").limit(64)
        return try await services.backend.read { db in
            var lines: [LogLine] = []
            for row in try db.run(chunks) {
                let first: Int64 = try row["first_line"]
                let chunk = LogCodec.lines(try row["data"])
                lines += chunk.dropFirst(Int(max(0, after + 1 - first)))
            }
            return lines
        }
    }

    /// The id of an execution's newest claim.
    static func newestAssignment(of execution: ExecutionID) -> Select {
        Select("max(newest.id)").from("actions_job_assignments AS newest").where("newest.execution_id = \(execution)")
    }
}
