package import Storage

/// Much data, made by the database itself: runs of 100 repositories with three workflows each, nearly all of them ended.
package struct ScaleData: Sendable {
    package static let repositories = 100
    package static let workflows = 3
    static let logLine = "1 o 1700000000000000 a line of a log as it comes from a compiler or a test, 88 bytes"
    private static let linesOfChunk = 100

    package let runs: Int
    package let jobs: Int
    /// Of the log of `longLog`.
    package let lines: Int
    /// Steps, logs, transitions, audit and the rest of what stands around a job, too.
    package let isWhole: Bool

    /// Runs that have not ended, the newest ones but for `wideRun`.
    package let open: Int

    /// - Parameter open: nil: one of a hundred, ten at least.
    package init(runs: Int, jobs: Int, lines: Int, isWhole: Bool, open: Int? = nil) {
        self.open = open ?? max(10, runs / 100)
        self.runs = runs
        self.jobs = jobs
        self.lines = lines
        self.isWhole = isWhole
    }

    /// The run with 256 jobs.
    package var wideRun: Int64 { Int64(runs + 1) }
    /// The first of its executions, whose assignment has the log of `lines` lines.
    package var longLog: Int64 { Int64(runs * jobs + 1) }
    var executions: Int { runs * jobs }

    /// Fills a database that has plue's tables and nothing in them.
    package func load(_ backend: any StorageBackend) async throws {
        let data = self
        try await backend.withConnection { db in
            let rows = try db.execute(Statement(sql: "SELECT \(db.dialect.now) AS at"))
            let now: Timestamp = try rows.first?["at"] ?? Timestamp(microseconds: 0)
            // The month of `now` has its partitions.
            let month = Int64(now.iso8601.prefix(7).filter { $0 != "-" }) ?? 197001
            let words = ScaleDialect(db.dialect, base: now.microseconds)
            let chunks = try db.table("actions_log_chunks").columns.map(\.name)
            var statements = words.prepare + data.statements(words, month: month, chunkColumns: chunks)
            for table in try db.tables(matching: #"actions\_%"#) {
                guard try db.table(table).columns.contains(where: { $0.name == "id" && $0.keyPosition > 0 }) else {
                    continue
                }
                if table != "actions_installation", let sql = words.continueIDs(of: table) { statements.append(sql) }
            }
            for sql in statements + words.finish { _ = try db.execute(Statement(sql: sql)) }
        }
    }

    private func statements(_ words: ScaleDialect, month: Int64, chunkColumns: [String]) -> [String] {
        var statements = definitions(words) + history(words)
        if isWhole { statements += surroundings(words, month: month) }
        return statements + wide(words, month: month, chunkColumns: chunkColumns)
    }

    /// The chunks of the log of `assignment`: `lines` lines.
    func chunks(
        of assignment: String, _ words: ScaleDialect, month: Int64, chunkColumns: [String], count: Int, from: String
    ) -> String {
        let perChunk = Self.linesOfChunk
        let bytes = Self.logLine.utf8.count + 1
        // Later schemas count the bytes of the plain text, too.
        let hasBytes = chunkColumns.contains("first_byte")
        let text = bytes - "1 o 1700000000000000 ".utf8.count
        return "INSERT INTO actions_log_chunks (month, assignment_id, seq, first_line, line_count, data"
            + (hasBytes ? ", first_byte, byte_count" : "") + ") SELECT \(month), \(assignment), i - 1,"
            + " (i - 1) * \(perChunk) + 1, \(perChunk), \(words.logLines(perChunk))"
            + (hasBytes ? ", (i - 1) * \(perChunk * text), \(perChunk * text)" : "") + " FROM \(from)"
    }
}
