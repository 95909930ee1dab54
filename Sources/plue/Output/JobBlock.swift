internal import Model
internal import Storage
internal import WorkflowSyntax

/// What is shown of one finished job: a line, and below it why it failed.
struct JobBlock {
    struct FailedStep {
        var name: String
        var exitCode: Int64?
        var milliseconds: Int64
        /// The last lines that it wrote, and how many stand before them.
        var tail: [String]
        var hiddenLines: Int64
    }

    static let tailLength = 10
    /// Characters of a line that are shown.
    static let lineLimit = 500

    var job: JobExecution
    var failedSteps: [FailedStep] = []
    var annotations: [Annotation] = []

    func lines(_ style: Style, nameWidth: Int) -> [String] {
        var head = "\(style.mark(job.conclusion?.rawValue)) \(job.name.oneLine.padded(to: nameWidth))"
        if let text = explanation {
            head += "  \(text)"
        } else if let from = job.startedAt, let to = job.completedAt {
            head += "  " + Elapsed.text(microseconds: to.microseconds - from.microseconds)
        }
        var lines = [head]
        for step in failedSteps { lines += stepLines(step, style) }
        if job.conclusion == .failure, let message = job.statusMessage { lines.append("    \(message)") }
        for annotation in annotations where annotation.level != .notice {
            lines.append("    \(Self.text(annotation, style))")
        }
        return lines
    }

    private var explanation: String? {
        switch job.conclusion {
        case .skipped: return "skipped: \(job.statusMessage ?? Self.words(job.statusReason))"
        case .cancelled: return "cancelled: \(job.statusMessage ?? Self.words(job.statusReason))"
        default: return nil
        }
    }

    static func words(_ reason: StatusReason?) -> String {
        switch reason {
        case .conditionFalse: "its if is false"
        case .needsFailed: "a job that it needs failed"
        case .needsSkipped: "a job that it needs was skipped"
        case .expressionError: "an expression cannot be evaluated"
        case .matrixEmpty: "its matrix has no leg"
        case .unsupportedPlatform: "its runs-on is not this host"
        case .cancelledByUser: "by the user"
        case .failFast: "another leg of the matrix failed (fail-fast)"
        case .superseded: "a newer one of its concurrency group"
        case .concurrencyDeadlock: "its concurrency group is held by what waits for it"
        case .timedOut: "it ran longer than its timeout-minutes"
        case .runnerLost: "its runner was lost"
        case .queueTimeout: "no runner took it in time"
        case .runTimeout: "the run took longer than any may"
        case .invalidWorkflow: "the workflow is invalid"
        case .callInvalid: "the call is invalid"
        case .setupFailed: "it could not be set up"
        case .processLimit: "it had more processes at once than a job may have"
        case .refNotAllowed: "its branch or tag may not deploy there"
        case .reviewRejected: "a reviewer rejected it"
        case .approvalTimeout: "nobody approved it in time"
        case .environmentDeleted: "its environment was deleted"
        case nil: "no reason was stored"
        }
    }

    private func stepLines(_ step: FailedStep, _ style: Style) -> [String] {
        let exit = step.exitCode.map { "  exit \($0)" } ?? ""
        var lines = [
            "    \(style.mark("failure")) \(step.name)\(exit)  \(Elapsed.text(microseconds: step.milliseconds * 1_000))"
        ]
        let bar = style.paint("│", .dim)
        if step.hiddenLines > 0 {
            let logs = Hint.command("logs \(job.runID) --job \(job.keyPath)")
            lines.append("      \(bar) …\(step.hiddenLines) lines hidden (\(logs))")
        }
        lines += step.tail.map { "      \(bar) \(String($0.prefix(Self.lineLimit)).terminalSafe)" }
        return lines
    }

    static func text(_ annotation: Annotation, _ style: Style) -> String {
        var place = annotation.file ?? ""
        if !place.isEmpty, let line = annotation.line { place += ":\(line)" }
        let level = style.paint("\(annotation.level.rawValue):", annotation.level == .error ? .red : .yellow)
        return (place.isEmpty ? "" : "\(place): ") + "\(level) \(annotation.message.oneLine)"
    }
}
