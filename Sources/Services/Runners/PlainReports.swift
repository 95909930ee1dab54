internal import Model
internal import QueryBuilder
internal import Storage

/// Reports that need no answer of the database: steps that began and ended since the last one, and log chunks. What is not
/// of the live claim changes nothing.
struct PlainReports {
    private var steps: [[Value]] = []
    private var chunks: [any Query] = []
    /// What they tell, by the claim.
    private(set) var events: [JobToken: [RunEvent]] = [:]

    private static let columns: [(StaticString, RowTable.ColumnType)] = [
        ("assignment_id", .integer), ("number", .integer), ("name", .text), ("context_name", .text),
        ("action", .text), ("status", .text), ("outcome", .text), ("conclusion", .text), ("exit_code", .integer),
        ("log_first_line", .integer), ("log_line_count", .integer), ("started_at", .moment),
        ("completed_at", .moment), ("cpu_microseconds", .integer), ("peak_memory_bytes", .integer),
    ]
    private static let table = RowTable(columns + [("token", .integer)])

    /// Adds the reports of a claim; false, and none is added, where they are not so plain.
    mutating func add(_ reports: [JobReport], of claim: JobAssignment) throws -> Bool {
        var open: [Int64: (name: String, contextName: String, action: String?, at: Int64)] = [:]
        var rows: [[Value]] = []
        var chunks: [any Query] = []
        var events: [RunEvent] = []
        for report in reports {
            switch report {
            case .stepStarted(let number, let name, let contextName, let action, let at):
                open[number] = (name, contextName, action, at)
                events.append(.stepStarted(claim.executionID, number: number, name: name))
            case .stepFinished(let result, let firstLine, let lineCount, let at):
                guard let start = open.removeValue(forKey: result.number) else { return false }
                rows.append([
                    .integer(claim.id.rawValue), .integer(result.number), .text(result.name),
                    .text(start.contextName), Self.text(start.action), .text(result.conclusion.status.rawValue),
                    .text(result.outcome.rawValue), .text(result.conclusion.rawValue), Self.integer(result.exitCode),
                    Self.integer(firstLine), .integer(lineCount), .timestamp(Timestamp(microseconds: start.at)),
                    // The runner's clock may have been set back meanwhile.
                    .timestamp(Timestamp(microseconds: max(start.at, at))), Self.integer(result.use?.cpuMicroseconds),
                    Self.integer(result.use?.peakMemoryBytes), .integer(claim.fencingToken),
                ])
                events.append(.stepFinished(claim.executionID, result))
            case .log(let sequence, let firstLine, let firstByte, let lines):
                let chunk = try LogChunk(
                    lines, sequence: sequence, firstLine: firstLine, firstByte: firstByte, of: claim)
                if let chunk { chunks.append(chunk.insert(ifLive: claim)) }
                events.append(.log(claim.executionID, firstLine: firstLine, lines))
            case .annotation, .summary, .variable: return false
            }
        }
        guard open.isEmpty else { return false }
        steps += rows
        self.chunks += chunks
        self.events[claim.token] = events
        return true
    }

    /// What stores them.
    func queries(for dialect: Dialect) throws -> [any Query] {
        if steps.isEmpty { return chunks }
        let rows = Self.table.sql("g", try Self.table.value(steps, for: dialect))
        let names = Self.columns.map(\.0)
        let insert = Insert("actions_steps").select(
            names,
            Select(
                "g.assignment_id", "g.number", "g.name", "g.context_name", "g.action", "g.status", "g.outcome",
                "g.conclusion", "g.exit_code", "g.log_first_line", "g.log_line_count", "g.started_at", "g.completed_at",
                "g.cpu_microseconds", "g.peak_memory_bytes"
            )
            .from(rows)
            // One probe each: as a join it may be read as a whole, with all that ended while somebody held a snapshot.
            .where(
                "(SELECT l.fencing_token FROM actions_leases AS l WHERE l.assignment_id = g.assignment_id) = g.token")
        ).onConflict("assignment_id, number", .doNothing)
        return [insert] + chunks
    }

    private static func text(_ text: String?) -> Value { text.map { .text($0) } ?? .null }
    private static func integer(_ number: Int64?) -> Value { number.map { .integer($0) } ?? .null }
}
