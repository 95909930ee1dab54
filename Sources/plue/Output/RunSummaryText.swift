internal import Model
internal import Services
internal import Storage

/// The first and last lines about a run.
struct RunSummaryText {
    var style: Style
    /// Commands that read the history are named only when there is one.
    var hasHistory = true

    /// `CI  push  main@3f9c1d2 (dirty)      run #42`
    func header(_ run: WorkflowRun) -> String {
        let place = run.headBranch ?? (run.headRef == run.headSHA ? "detached" : run.headRef)
        let dirty = run.isDirty ? " (dirty)" : ""
        let title = (run.displayTitle == run.name ? run.name : "\(run.name): \(run.displayTitle)").oneLine
        let attempt = run.latestAttempt > 1 ? " attempt \(run.latestAttempt)" : ""
        return style.spread(
            "\(title)  \(run.event)  \(place)@\(run.headSHA.prefix(7))\(dirty)", "run #\(run.id)\(attempt)")
    }

    /// The rule, the result with counts, and what to do next.
    func footer(_ run: WorkflowRun, _ jobs: [JobExecution]) -> [String] {
        let shown = jobs.filter { $0.kind == .steps || $0.conclusion == .skipped }
        func count(_ words: Set<JobConclusion>) -> Int {
            shown.count { $0.conclusion.map(words.contains) ?? false }
        }
        let allowed = shown.count { $0.conclusion?.result == .failure && $0.continueOnError }
        let counts = [
            (count([.failure, .startupFailure]) - allowed, "failed"), (allowed, "allowed to fail"),
            (count([.cancelled]), "cancelled"),
            (count([.success, .neutral]), "passed"), (count([.skipped]), "skipped"),
            (shown.count { $0.conclusion == nil }, "open"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        var lines = [style.rule]
        let time = Self.took(run).map { " in \($0)" } ?? ""
        lines.append(
            "\(style.mark(run.conclusion?.rawValue)) \(Self.word(run))\(time)   \(counts.joined(separator: " · "))")
        if run.statusReason == .runnerLost {
            lines.append("  its runner was lost: the process ended without a word")
        }
        if hasHistory, run.conclusion == .failure || run.conclusion == .cancelled {
            let rerun = Hint.command("rerun \(run.id) --failed")
            lines.append("  rerun   \(rerun)        logs   \(Hint.command("view \(run.id) --log-failed"))")
        }
        return lines
    }

    /// How long the latest attempt took; nil while it is open. A later attempt begins when its first job does.
    static func took(_ run: WorkflowRun) -> String? {
        guard let end = run.completedAt else { return nil }
        let begin = run.latestAttempt > 1 ? run.startedAt ?? end : run.createdAt
        return Elapsed.text(microseconds: end.microseconds - begin.microseconds)
    }

    static func word(_ run: WorkflowRun) -> String {
        switch run.conclusion {
        case .success: "passed"
        case .failure: "failed"
        case .cancelled: "cancelled"
        case .skipped: "skipped: no job had to run"
        case let other?: other.rawValue
        case nil where run.cancelRequestedAt != nil: "being cancelled"
        case nil:
            run.status == .queued && run.hold == .pending
                ? "waits for its concurrency group" : run.status == .inProgress ? "running" : run.status.rawValue
        }
    }
}
