public import Model
internal import QueryBuilder
internal import Storage

extension LogService {
    /// The plain text of the newest assignment's log, each line with a newline, from byte `offset`: up to `count` bytes,
    /// at most 64 chunks of them. Empty at the end of what has arrived.
    public func bytes(_ execution: ExecutionID, from offset: Int64, count: Int) async throws -> [UInt8] {
        guard offset >= 0, count >= 0 else {
            throw ServiceError(.invalidInput, "log of job \(execution)", "a range of bytes begins at 0 or later")
        }
        return try await services.backend.read { db in
            guard count > 0, let log = try StoredLog(of: execution, on: db) else { return [] }
            return try log.bytes(from: offset, count: count, on: db)
        }
    }

    /// The last `count` lines, 10,000 at most.
    public func tail(_ execution: ExecutionID, count: Int) async throws -> [LogLine] {
        let count = Int64(min(max(0, count), 10_000))
        return try await services.backend.read { db in
            guard count > 0, let log = try StoredLog(of: execution, on: db), let last = try log.lastLine(on: db)
            else { return [] }
            var lines: [LogLine] = []
            var after = max(0, last - count)
            // What has not arrived yet is passed over.
            while let chunk = try log.chunk(endingAfter: after, on: db) {
                lines += chunk.lines.dropFirst(Int(max(0, after + 1 - chunk.firstLine)))
                after = chunk.lastLine
            }
            return lines
        }
    }

    /// The lines of one step after its first `skipped`, at most 64 chunks of the log of them: a step's number, 1-based.
    public func lines(_ execution: ExecutionID, step: Int64, after skipped: Int64 = 0) async throws -> [LogLine] {
        try await services.backend.read { db in
            guard let log = try StoredLog(of: execution, on: db) else { return [] }
            let slice = try log.slice(of: step, on: db)
            var found: [LogLine] = []
            var after = slice.first - 1
            var left = max(0, skipped)
            for _ in 0..<Self.pageLimit {
                let page = try log.lines(after: after, on: db)
                guard !page.isEmpty else { break }
                for line in page where line.step == step {
                    if left > 0 { left -= 1 } else { found.append(line) }
                }
                after += Int64(page.count)
                if let last = slice.last, after >= last { break }
                if found.count >= 10_000 { break }
            }
            return found
        }
    }
}
