internal import Model
internal import QueryBuilder
internal import Storage

/// The log of one assignment. Chunks are found by the line or the byte at which they begin: each read is one descent of
/// an index and the chunks that follow.
struct StoredLog {
    private let assignment: AssignmentID
    private let month: Int64

    /// That of the execution's newest claim; nil when it was never claimed, or the log was removed.
    init?(of execution: ExecutionID, on db: isolated any StorageConnection) throws {
        guard let row = try Self.newest(of: execution, on: db), try row["logs_removed_at"] as Timestamp? == nil else {
            return nil
        }
        assignment = ID(try row["id"])
        month = try row["log_month"]
    }

    static func newest(of execution: ExecutionID, on db: isolated any StorageConnection) throws -> Row? {
        try db.first(
            Select("id", "log_month", "repository_id", "logs_removed_at").from("actions_job_assignments")
                .where("execution_id = \(execution)").orderBy("fencing_token DESC").limit(1))
    }

    struct Chunk {
        var firstLine: Int64
        var firstByte: Int64
        var lines: [LogLine]

        var lastLine: Int64 { firstLine + Int64(lines.count) - 1 }
        /// As whoever reads the log sees it.
        var text: [UInt8] { lines.flatMap { Array($0.text.utf8) + [UInt8(ascii: "\n")] } }

        init(_ row: Row) throws {
            firstLine = try row["first_line"]
            firstByte = try row["first_byte"]
            lines = LogCodec.lines(try row["data"])
        }
    }

    /// Those of this assignment.
    func chunks(_ columns: SQL...) -> Select {
        Select(columns).from("actions_log_chunks").where("assignment_id = \(assignment)").and("month = \(month)")
    }

    /// The chunks from the one that holds a line, without a hole between them.
    static func from(line: Int64, _ chunks: Select) -> Select {
        chunks.and("first_line >= \(line)").orderBy("first_line").limit(LogService.pageLimit)
    }

    func lines(after: Int64, on db: isolated any StorageConnection) throws -> [LogLine] {
        let start = try db.first(
            chunks("first_line").and("first_line <= \(after + 1)").orderBy("first_line DESC").limit(1))
        guard let start else { return [] }
        var expected: Int64?
        var lines: [LogLine] = []
        let all = chunks("first_line", "first_byte", "data")
        for row in try db.run(Self.from(line: try start["first_line"], all)) {
            let chunk = try Chunk(row)
            if let expected, chunk.firstLine != expected { break }
            lines += chunk.lines.dropFirst(Int(min(max(0, after + 1 - chunk.firstLine), Int64(chunk.lines.count))))
            expected = chunk.lastLine + 1
        }
        return lines
    }

    func bytes(from offset: Int64, count: Int, on db: isolated any StorageConnection) throws -> [UInt8] {
        let start = try db.first(
            chunks("first_byte").and("first_byte <= \(offset)").orderBy("first_byte DESC").limit(1))
        guard let start else { return [] }
        let first: Int64 = try start["first_byte"]
        let end = offset.addingReportingOverflow(Int64(count))
        let rows = try db.run(
            chunks("first_line", "first_byte", "data").and("first_byte >= \(first)")
                .and("first_byte < \(end.overflow ? Int64.max : end.partialValue)")
                .orderBy("first_byte").limit(LogService.pageLimit))
        var expected = first
        var bytes: [UInt8] = []
        for row in rows {
            let chunk = try Chunk(row)
            guard chunk.firstByte == expected else { break }
            let text = chunk.text
            bytes += text.dropFirst(Int(min(max(0, offset - chunk.firstByte), Int64(text.count))))
            expected += Int64(text.count)
            if bytes.count >= count { break }
        }
        return Array(bytes.prefix(count))
    }

    /// Of what has arrived.
    func lastLine(on db: isolated any StorageConnection) throws -> Int64? {
        let row = try db.first(
            chunks("first_line + line_count - 1 AS last").orderBy("first_line DESC").limit(1))
        return try row?["last"]
    }

    /// The first chunk that has a line after that one.
    func chunk(endingAfter line: Int64, on db: isolated any StorageConnection) throws -> Chunk? {
        let columns = chunks("first_line", "first_byte", "data")
        let around = try db.first(columns.and("first_line <= \(line + 1)").orderBy("first_line DESC").limit(1))
        if let chunk = try around.map(Chunk.init), chunk.lastLine > line { return chunk }
        return try db.first(columns.and("first_line > \(line)").orderBy("first_line").limit(1)).map(Chunk.init)
    }

    /// Where a step's lines begin, and where they end when the runner said so.
    func slice(of step: Int64, on db: isolated any StorageConnection) throws -> (first: Int64, last: Int64?) {
        let steps = Select("number", "log_first_line", "log_line_count").from("actions_steps")
            .where("assignment_id = \(assignment)").and("log_first_line IS NOT NULL")
        let own = try db.first(steps.and("number = \(step)"))
        if let own {
            let first: Int64 = try own["log_first_line"]
            return (first, first + (try own["log_line_count"] as Int64) - 1)
        }
        let before = try db.first(steps.and("number < \(step)").orderBy("number DESC").limit(1))
        guard let before else { return (1, nil) }
        return (try before["log_first_line"] as Int64 + (try before["log_line_count"] as Int64), nil)
    }
}
