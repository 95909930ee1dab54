public import Model
internal import Services

extension Actions {
    /// Stores a chunk of a job's log, at most 64 KiB. `sequence` counts the chunks of the claim from 0; one that is there
    /// already stands, so chunks may be sent again, and in any order. `firstLine` counts from 1, `firstByte` from 0 in
    /// the plain text, in which each line has a line feed at its end. Throws `stale_assignment`, `limit`,
    /// `invalid_input` for a line that holds a line feed.
    public func appendLog(
        _ token: JobToken, sequence: Int64, firstLine: Int64, firstByte: Int64, _ lines: [LogLine],
        by principal: Principal
    ) async throws {
        try await report(
            .log(sequence: sequence, firstLine: firstLine, firstByte: firstByte, lines), token, principal)
    }

    /// Bytes of the plain text: fewer at its end, or before what has not arrived yet.
    public func readLog(
        _ id: JobExecutionID, bytes range: Range<Int64>, by principal: Principal
    ) async throws -> [UInt8] {
        try await mapped(.runRead, .job(id), by: principal) {
            var bytes: [UInt8] = []
            var offset = range.lowerBound
            while offset < range.upperBound {
                let part = try await services.logs.bytes(
                    id, from: offset, count: Int(min(range.upperBound - offset, 4 << 20)))
                if part.isEmpty { break }
                bytes += part
                offset += Int64(part.count)
            }
            return bytes
        }
    }

    /// The lines after that one (1-based; 0: from the first), at most 64 chunks of them; empty at the end of what has
    /// arrived.
    public func readLog(
        _ id: JobExecutionID, afterLine line: Int64 = 0, by principal: Principal
    ) async throws -> [LogLine] {
        try await mapped(.runRead, .job(id), by: principal) { try await services.logs.read(id, after: line) }
    }

    /// The last lines, 10,000 at most.
    public func readLog(_ id: JobExecutionID, tail count: Int, by principal: Principal) async throws -> [LogLine] {
        try await mapped(.runRead, .job(id), by: principal) { try await services.logs.tail(id, count: count) }
    }

    /// The lines of one step after its first `count`; empty when there are no more.
    public func readLog(
        _ id: JobExecutionID, step: Int64, after count: Int64 = 0, by principal: Principal
    ) async throws -> [LogLine] {
        try await mapped(.runRead, .job(id), by: principal) {
            try await services.logs.lines(id, step: step, after: count)
        }
    }
}
