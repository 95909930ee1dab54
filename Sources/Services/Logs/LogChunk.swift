internal import Model
internal import QueryBuilder
internal import Storage

/// Lines of a log as they are stored.
struct LogChunk {
    let values: [Value]

    /// Nil for no lines. Throws ``ServiceError`` `invalid_input` or `limit`.
    init?(
        _ lines: [LogLine], sequence: Int64, firstLine: Int64, firstByte: Int64, of assignment: JobAssignment
    ) throws {
        guard !lines.isEmpty else { return nil }
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
        values = [
            .integer(assignment.logMonth), .integer(assignment.id.rawValue), .integer(sequence),
            .integer(firstLine), .integer(Int64(lines.count)), .integer(firstByte), .integer(plainBytes),
            .blob(bytes),
        ]
    }

    private static let columns: [StaticString] = [
        "month", "assignment_id", "seq", "first_line", "line_count", "first_byte", "byte_count", "data",
    ]

    /// Takes ``values``.
    static let insert = PreparedQuery { new in
        Insert("actions_log_chunks").select(columns, Select(columns.indices.map { "\(new[$0])" }))
            .onConflict("month, assignment_id, seq", .doNothing)
    }

    /// Stores nothing when the claim is not the live one.
    func insert(ifLive claim: JobAssignment) -> Insert {
        Insert("actions_log_chunks").select(
            Self.columns,
            Select(values.map { "\($0)" }).from("actions_leases AS l")
                .where("l.assignment_id = \(claim.id)").and("l.fencing_token = \(claim.fencingToken)")
        ).onConflict("month, assignment_id, seq", .doNothing)
    }
}
