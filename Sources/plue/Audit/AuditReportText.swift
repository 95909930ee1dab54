internal import Execution
internal import Services
internal import WorkflowSyntax

/// What a verification found, for people or as JSON lines.
struct AuditReportText {
    private let report: AuditReport
    private let seconds: Double
    private let refused: Int
    /// What is wrong with the file of checkpoints.
    private let fileFaults: [String]

    /// `file` was read to its end.
    init(report: AuditReport, file: CheckpointNotes?, seconds: Double) {
        self.report = report
        self.seconds = seconds
        refused = file?.refused ?? 0
        fileFaults = file.map(Self.faults) ?? []
    }

    var problemCount: Int { report.problemCount + fileFaults.count }

    private var rate: Int { seconds > 0 ? Int(Double(report.rows) / seconds) : 0 }

    func show(asJSON json: Bool) {
        for problem in report.problems { Standard.line(json ? record(problem) : line(problem)) }
        if !json, report.problemCount > report.problems.count {
            Standard.line("… \(report.problemCount - report.problems.count) more")
        }
        for fault in fileFaults {
            Standard.line(json ? Self.problem("checkpoint_file", fault) : "✗ checkpoint file \(fault)")
        }
        if json { return Standard.line(summary) }
        let counts = [
            "\(report.rows) rows of \(report.size) leaves", "\(report.checkpoints) checkpoints",
            "\(report.outsideCheckpoints) outside of the database",
            report.prunedBodies > 0 ? "\(report.prunedBodies) bodies pruned" : nil,
            report.unsealed > 0 ? "\(report.unsealed) rows not sealed yet" : nil, "\(rate) rows/s",
        ].compactMap(\.self).joined(separator: ", ")
        if problemCount > 0 {
            Standard.line("\(problemCount) \(problemCount == 1 ? "problem" : "problems"): \(counts)")
        } else {
            Standard.line(report.size > 0 ? "✓ sound: \(counts)" : nothingSealed)
        }
        for note in notes { Standard.errorLine(note) }
    }

    private var nothingSealed: String {
        "nothing is sealed yet: \(report.unsealed) \(report.unsealed == 1 ? "row is" : "rows are") not proven"
    }

    /// What the verification could not rely on.
    private var notes: [String] {
        var notes: [String] = []
        if report.size > 0, !report.isKeyProven {
            notes.append("the key is the database's own word: give the one you trust with --key")
        }
        if report.size > 0, report.outsideSize == 0 {
            notes.append("no checkpoint outside of the database was compared: an end that was cut off is not seen")
        } else if report.outsideSize < report.size {
            notes.append(
                "the newest checkpoint outside of the database is of \(report.outsideSize) leaves, that inside of "
                    + "\(report.size): an end that was cut off behind it is not seen")
        }
        if !report.unprotected.isEmpty {
            let more = report.unprotected.count - 3
            notes.append(
                "the log is not protected from changes: " + report.unprotected.prefix(3).joined(separator: "; ")
                    + (more > 0 ? "; and \(more) more" : ""))
        }
        return notes
    }

    private static func faults(_ file: CheckpointNotes) -> [String] {
        func count(_ notes: Int) -> String { notes == 1 ? "1 note is" : "\(notes) notes are" }
        var faults: [String] = []
        if file.torn > 0 { faults.append("\(file.path): \(count(file.torn)) cut off, damaged or something else") }
        if file.foreign > 0 {
            let first = file.foreignOrigin.map { " (\($0.oneLine))" } ?? ""
            faults.append("\(file.path): \(count(file.foreign)) of another log\(first)")
        }
        if file.unsigned > 0 {
            faults.append(
                "\(file.path): \(count(file.unsigned)) in this log's name without a signature of its keys: "
                    + "forged, or the log's key was exchanged")
        }
        return faults
    }

    private func line(_ problem: AuditProblem) -> String {
        let row = problem.auditID.map { " row \($0)" } ?? ""
        let leaves = problem.leaves.map { leaves in
            leaves.count == 1
                ? " leaf \(leaves.lowerBound)" : " leaves \(leaves.lowerBound) to \(leaves.upperBound - 1)"
        }
        return "✗ \(problem.kind.rawValue)\(row)\(leaves ?? ""): \(problem.message)"
    }

    private func record(_ problem: AuditProblem) -> String {
        Self.problem(problem.kind.rawValue, problem.message, id: problem.auditID, leaves: problem.leaves)
    }

    /// One problem as a line of JSON.
    static func problem(
        _ kind: String, _ message: String, id: Int64? = nil, leaves: Range<Int64>? = nil
    ) -> String {
        func number(_ value: Int64?) -> ExpressionValue { value.map { .number(Double($0)) } ?? .null }
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("type", .string("problem")), ("kind", .string(kind)), ("id", number(id)),
                ("first_leaf", number(leaves?.lowerBound)), ("end_leaf", number(leaves?.upperBound)),
                ("message", .string(message)),
            ])
        ).json(pretty: false)
    }

    private var summary: String {
        let allNotes = (report.size > 0 ? [] : [nothingSealed]) + notes
        let counts: [(String, Int64)] = [
            ("problems", Int64(problemCount)), ("rows", report.rows), ("leaves", report.size),
            ("checkpoints", report.checkpoints), ("outside_checkpoints", report.outsideCheckpoints),
            ("outside_leaves", report.outsideSize), ("refused_notes", Int64(refused)),
            ("pruned_bodies", report.prunedBodies), ("unsealed", report.unsealed), ("rows_per_second", Int64(rate)),
        ]
        return ExpressionValue.object(
            ExpressionObject(
                [("v", .number(1)), ("type", .string("audit-verify"))]
                    + counts.map { ($0, .number(Double($1))) }
                    + [
                        ("key_proven", .boolean(report.isKeyProven)),
                        ("notes", .array(ExpressionArray(allNotes.map { .string($0) }))),
                    ])
        ).json(pretty: false)
    }
}
