internal import Model
internal import Services

/// Reads a job's log page by page.
struct LogReader {
    let services: Services

    /// All lines after line `after` that are stored now; returns the number of the last.
    @discardableResult
    func each(_ job: ExecutionID, after: Int64 = 0, _ body: (LogLine) -> Void) async throws -> Int64 {
        var last = after
        while true {
            let lines = try await services.logs.read(job, after: last)
            if lines.isEmpty { return last }
            for line in lines { body(line) }
            last += Int64(lines.count)
        }
    }

    /// The last lines of one step.
    func tail(_ job: ExecutionID, of step: JobStepRecord, count: Int64) async throws -> [LogLine] {
        guard let first = step.logFirstLine else { return [] }
        var tail: [LogLine] = []
        // Steps of one job do not overlap but for what a process in the background writes.
        let from = first + max(0, step.logLineCount - count) - 1
        try await each(job, after: from) { line in
            if line.step == step.number, tail.count < Int(count) { tail.append(line) }
        }
        return tail
    }
}
