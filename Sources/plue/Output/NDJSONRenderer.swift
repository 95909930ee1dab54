internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// One JSON record a line on standard output, nothing else there (README, Records).
final class NDJSONRenderer: RunRenderer {
    private var jobs: [ExecutionID: JobExecution] = [:]
    /// The exit code that a run means; set before it finishes.
    var exitCodes: [RunID: Int32] = [:]
    private var buffer = ""

    func handle(_ event: RunEvent) {
        switch event {
        case .runStarted(let run, let file):
            record(
                "run.started",
                [
                    ("run", .number(Double(run.id.rawValue))), ("workflow", .string(file)),
                    ("event", .string(run.event)), ("sha", .string(run.headSHA)), ("dirty", .boolean(run.isDirty)),
                ])
        case .jobGated(let job):
            record("job.waiting", identity(job) + [("environment", .string(job.environment ?? ""))])
        case .jobStarted(let job):
            jobs[job.id] = job
            if job.kind == .steps { record("job.started", identity(job) + [("name", .string(job.name))]) }
        case .log(let id, let firstLine, let lines):
            guard let job = jobs[id] else { return }
            for (offset, line) in lines.enumerated() where line.stream != .system {
                record(
                    "log",
                    identity(job) + [
                        ("step", .number(Double(line.step))), ("stream", .string(line.stream.rawValue)),
                        ("n", .number(Double(firstLine + Int64(offset)))), ("text", .string(line.text)),
                    ])
            }
        case .annotation(let id, let step, let annotation):
            guard let job = jobs[id] else { return }
            record("annotation", identity(job) + [("step", .number(Double(step)))] + Self.pairs(annotation))
        case .stepFinished(let id, let step):
            guard let job = jobs[id] else { return }
            record(
                "step.finished",
                identity(job) + [
                    ("step", .number(Double(step.number))), ("name", .string(step.name)),
                    ("outcome", .string(step.outcome.rawValue)), ("conclusion", .string(step.conclusion.rawValue)),
                    ("exit_code", step.exitCode.map { .number(Double($0)) } ?? .null),
                    ("ms", .number(Double(step.milliseconds))),
                    ("cpu_ms", step.use.map { .number(Double($0.cpuMicroseconds) / 1_000) } ?? .null),
                    ("peak_memory_bytes", step.use?.peakMemoryBytes.map { .number(Double($0)) } ?? .null),
                ])
        case .jobFinished(let job, let attempt): finished(job, attempt)
        case .runFinished(let run):
            record(
                "run.finished",
                [
                    ("run", .number(Double(run.id.rawValue))), ("conclusion", .string(run.conclusion?.rawValue ?? "")),
                    ("exit", .number(Double(exitCodes[run.id] ?? 0))),
                ])
        case .jobQueued, .stepStarted, .cancelRequested: return
        }
        flush()
    }

    func finish() {
        flush()
    }

    private func flush() {
        Standard.output(buffer)
        buffer = ""
    }

    private func finished(_ job: JobExecution, _ attempt: Int64) {
        var pairs =
            identity(job) + [
                ("attempt", .number(Double(attempt))), ("conclusion", .string(job.conclusion?.rawValue ?? "")),
            ]
        func milliseconds(_ from: Timestamp?, _ to: Timestamp?) -> ExpressionValue {
            guard let from, let to else { return .number(0) }
            return .number(Double((to.microseconds - from.microseconds) / 1_000))
        }
        pairs.append(("queued_ms", milliseconds(job.queuedAt, job.startedAt)))
        pairs.append(("run_ms", milliseconds(job.startedAt, job.completedAt)))
        if let reason = job.statusReason { pairs.append(("reason", .string(reason.rawValue))) }
        if let message = job.statusMessage { pairs.append(("message", .string(message))) }
        record("job.finished", pairs)
    }

    private func identity(_ job: JobExecution) -> [(String, ExpressionValue)] {
        var pairs: [(String, ExpressionValue)] = [
            ("run", .number(Double(job.runID.rawValue))), ("job", .string(job.keyPath)),
        ]
        if let matrix = job.matrix, let value = try? ExpressionValue(json: matrix) { pairs.append(("leg", value)) }
        return pairs
    }

    private static func pairs(_ annotation: Annotation) -> [(String, ExpressionValue)] {
        var pairs: [(String, ExpressionValue)] = [("level", .string(annotation.level.rawValue))]
        if let file = annotation.file { pairs.append(("file", .string(file))) }
        let numbers = [
            ("line", annotation.line), ("end_line", annotation.endLine), ("column", annotation.column),
            ("end_column", annotation.endColumn),
        ]
        for (key, number) in numbers {
            if let number { pairs.append((key, .number(Double(number)))) }
        }
        if let title = annotation.title { pairs.append(("title", .string(title))) }
        return pairs + [("message", .string(annotation.message))]
    }

    private func record(_ type: String, _ pairs: [(String, ExpressionValue)]) {
        buffer += Self.line(type, pairs) + "\n"
    }

    static func line(_ type: String, _ pairs: [(String, ExpressionValue)]) -> String {
        let head: [(String, ExpressionValue)] = [
            ("v", .number(1)), ("t", .string(WallClock.now.iso8601)), ("type", .string(type)),
        ]
        return ExpressionValue.object(ExpressionObject(head + pairs, caseSensitive: true)).json(pretty: false)
    }

    /// The record of a refused workflow.
    static func error(_ diagnostic: Diagnostic) -> String {
        line(
            "error",
            [
                ("code", .string(diagnostic.code)), ("file", .string(diagnostic.file)),
                ("line", .number(Double(diagnostic.position.line))),
                ("column", .number(Double(diagnostic.position.column))), ("message", .string(diagnostic.message)),
            ])
    }
}
