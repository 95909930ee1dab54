internal import Model
internal import Services
internal import Storage

/// Runs as people read them, on standard error: a block for each job that ends; on a terminal, rows below for those
/// that run, drawn over again; elsewhere a line every 30 seconds while nothing ends.
final class TerminalRenderer: RunRenderer {
    private struct Running {
        var job: JobExecution
        var step: String?
        var since: Timestamp
        var tail: [String] = []
        var lines: Int64 = 0
        var failed: [JobBlock.FailedStep] = []
        var annotations: [Annotation] = []
    }

    private struct Legs {
        var left: Int64
        var counts: [JobConclusion: Int] = [:]
        var since = WallClock.now
        var job: JobExecution
    }

    private static let heartbeat: Int64 = 30_000_000

    private let style: Style
    private let isLive: Bool
    private let streamsLogs: Bool
    private let isQuiet: Bool
    private let summary: RunSummaryText
    private var running: [ExecutionID: Running] = [:]
    private var legs: [String: Legs] = [:]
    private var finished: [RunID: [JobExecution]] = [:]
    private var liveRows = 0
    private var nameWidth = 8
    private var lastOutput = WallClock.now

    init(style: Style, isLive: Bool, streamsLogs: Bool, isQuiet: Bool, hasHistory: Bool) {
        self.style = style
        self.isLive = isLive
        self.streamsLogs = streamsLogs
        self.isQuiet = isQuiet
        summary = RunSummaryText(style: style, hasHistory: hasHistory)
    }

    func handle(_ event: RunEvent) {
        switch event {
        case .runStarted(let run, _): show([summary.header(run), style.paint("runs-on labels mean this host", .dim)])
        case .jobQueued(let job):
            nameWidth = min(32, max(nameWidth, job.name.columns))
            if job.matrixTotal > 1, legs[Self.key(job)] == nil {
                legs[Self.key(job)] = Legs(left: job.matrixTotal, job: job)
            }
        case .jobGated(let job):
            let hint = Hint.command("why \(job.runID)")
            show(["… \(job.name): waits for the rules of environment \(job.environment ?? "") (\(hint))"])
        case .jobStarted(let job):
            if job.kind == .steps { running[job.id] = Running(job: job, since: WallClock.now) }
        case .stepStarted(let id, _, let name):
            running[id]?.step = name
            running[id]?.tail = []
            running[id]?.lines = 0
        case .log(let id, _, let lines): log(id, lines)
        case .annotation(let id, _, let annotation): running[id]?.annotations.append(annotation)
        case .stepFinished(let id, let step): stepFinished(id, step)
        case .jobFinished(let job, _): jobFinished(job)
        case .cancelRequested: return
        case .runFinished(let run):
            show(summary.footer(run, finished[run.id] ?? []), evenQuiet: run.conclusion != .success)
        }
    }

    /// Time has passed: rows are drawn again, or a sign of life is given.
    func tick() {
        if isLive { return redraw() }
        guard !isQuiet, !running.isEmpty,
            WallClock.now.microseconds - lastOutput.microseconds >= Self.heartbeat
        else { return }
        let names = running.values.map { "\($0.job.name) (\($0.step ?? "starting"), \(age($0.since)))" }.sorted()
        show(["… running: \(names.joined(separator: "; "))"])
    }

    func finish() {
        clear()
    }

    private func log(_ id: ExecutionID, _ lines: [LogLine]) {
        guard var job = running[id] else { return }
        for line in lines where line.stream != .system || line.text.hasPrefix("##[error]") {
            job.lines += 1
            job.tail.append(line.text)
            if job.tail.count > JobBlock.tailLength { job.tail.removeFirst() }
        }
        running[id] = job
        if streamsLogs { show(lines.map { "\(style.paint("\(job.job.name) |", .dim)) \($0.text)" }) }
    }

    private func stepFinished(_ id: ExecutionID, _ step: StepResult) {
        guard let job = running[id], step.conclusion == .failure else { return }
        running[id]?.failed.append(
            JobBlock.FailedStep(
                name: step.name, exitCode: step.exitCode, milliseconds: step.milliseconds, tail: job.tail,
                hiddenLines: job.lines - Int64(job.tail.count)))
    }

    private func jobFinished(_ job: JobExecution) {
        let state = running.removeValue(forKey: job.id)
        finished[job.runID, default: []].append(job)
        if job.kind == .call, job.conclusion != .skipped, job.conclusion != .failure { return }
        let block = JobBlock(job: job, failedSteps: state?.failed ?? [], annotations: state?.annotations ?? [])
        guard job.matrixTotal > 1 else { return show(block.lines(style, nameWidth: nameWidth)) }
        let key = Self.key(job)
        var group = legs[key] ?? Legs(left: job.matrixTotal, job: job)
        group.left -= 1
        if let result = job.conclusion?.result { group.counts[result, default: 0] += 1 }
        legs[key] = group
        if job.conclusion == .failure || job.statusReason == .unsupportedPlatform {
            show(block.lines(style, nameWidth: nameWidth))
        }
        if group.left == 0 { show([legsLine(group)]) }
    }

    private static func key(_ job: JobExecution) -> String { "\(job.attemptID)/\(job.callPath)/\(job.jobKey)" }

    private func legsLine(_ group: Legs) -> String {
        let words: [(JobConclusion, String)] = [
            (.success, "passed"), (.failure, "failed"), (.cancelled, "cancelled"), (.skipped, "skipped"),
        ]
        let counts = words.compactMap { result, word in group.counts[result].map { "\($0) \(word)" } }
        let results = group.counts.flatMap { Array(repeating: $0.key, count: $0.value) }
        let mark = style.mark(JobConclusion.combined(results).rawValue)
        return "\(mark) \(group.job.jobKey)  matrix of \(group.job.matrixTotal): \(counts.joined(separator: " · "))"
    }

    // MARK: Drawing

    private func show(_ lines: [String], evenQuiet: Bool = false) {
        if isQuiet && !evenQuiet { return }
        clear()
        Standard.error(lines.map { $0.terminalSafe + "\n" }.joined())
        lastOutput = WallClock.now
        redraw()
    }

    private func clear() {
        guard liveRows > 0 else { return }
        Standard.error("\u{1b}[\(liveRows)A\u{1b}[J")
        liveRows = 0
    }

    private func redraw() {
        guard isLive, !isQuiet else { return }
        clear()
        // The window may have been made wider, narrower, lower.
        let now = Style.standardError
        let open = running.values.sorted { $0.job.id < $1.job.id }
        guard !open.isEmpty else { return }
        let groups = legs.values.filter { $0.left > 0 }.sorted { $0.job.id < $1.job.id }
        let room = max(1, now.height - 3 - groups.count)
        var rows = open.prefix(room).map { row in
            "\(style.paint("●", .yellow)) \(row.job.name.oneLine)  \((row.step ?? "starting").oneLine)  \(age(row.since))"
        }
        if open.count > room { rows.append("  and \(open.count - room) more") }
        rows += groups.map(progress)
        Standard.error(rows.map { $0.oneLine(keepingColors: true).fitting(now.width - 1) + "\n" }.joined())
        liveRows = rows.count
    }

    /// `test  12 of 60 legs · 1 failed · about 8s left`
    private func progress(_ group: Legs) -> String {
        let total = group.job.matrixTotal
        let done = total - group.left
        var text = "  \(group.job.jobKey)  \(done) of \(total) legs"
        if let failed = group.counts[.failure] { text += " · \(failed) failed" }
        if done > 0 {
            let elapsed = WallClock.now.microseconds - group.since.microseconds
            text += " · about \(Elapsed.text(microseconds: elapsed / done * group.left)) left"
        }
        return style.paint(text, .dim)
    }

    private func age(_ since: Timestamp) -> String {
        Elapsed.text(microseconds: WallClock.now.microseconds - since.microseconds)
    }
}
