internal import Services
internal import WorkflowSyntax

/// What a verification found, for people or as JSON lines.
struct AuditReportText {
    let report: AuditReport
    /// Notes of the file that no key signed.
    let refused: Int
    let seconds: Double

    private var rate: Int { seconds > 0 ? Int(Double(report.rows) / seconds) : 0 }

    func show(asJSON json: Bool) {
        for problem in report.problems { Standard.line(json ? record(problem) : line(problem)) }
        if json { return Standard.line(summary) }
        if report.problemCount > report.problems.count {
            Standard.line("… \(report.problemCount - report.problems.count) more")
        }
        if refused > 0 { Standard.line("✗ checkpoint file: \(refused) notes that no key of this log signed") }
        let counts = [
            "\(report.rows) rows of \(report.size) leaves", "\(report.checkpoints) checkpoints",
            "\(report.outsideCheckpoints) outside of the database",
            report.prunedBodies > 0 ? "\(report.prunedBodies) bodies pruned" : nil,
            report.unsealed > 0 ? "\(report.unsealed) rows not sealed yet" : nil, "\(rate) rows/s",
        ].compactMap(\.self).joined(separator: ", ")
        Standard.line((report.problemCount + refused == 0 ? "✓ sound: " : "\(report.problemCount) problems: ") + counts)
        if report.size > 0, !report.isKeyProven {
            Standard.errorLine("the key is the database's own word: give the one you trust with --key")
        }
        if report.size > 0, report.outsideCheckpoints == 0 {
            Standard.errorLine(
                "no checkpoint outside of the database was compared: an end that was cut off is not seen")
        }
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
        func number(_ value: Int64?) -> ExpressionValue { value.map { .number(Double($0)) } ?? .null }
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("type", .string("problem")), ("kind", .string(problem.kind.rawValue)),
                ("id", number(problem.auditID)), ("first_leaf", number(problem.leaves?.lowerBound)),
                ("end_leaf", number(problem.leaves?.upperBound)), ("message", .string(problem.message)),
            ])
        ).json(pretty: false)
    }

    private var summary: String {
        let counts: [(String, Int64)] = [
            ("problems", Int64(report.problemCount)), ("rows", report.rows), ("leaves", report.size),
            ("checkpoints", report.checkpoints), ("outside_checkpoints", report.outsideCheckpoints),
            ("refused_notes", Int64(refused)), ("pruned_bodies", report.prunedBodies), ("unsealed", report.unsealed),
            ("rows_per_second", Int64(rate)),
        ]
        return ExpressionValue.object(
            ExpressionObject(
                [("v", .number(1)), ("type", .string("audit-verify"))]
                    + counts.map { ($0, .number(Double($1))) } + [("key_proven", .boolean(report.isKeyProven))])
        ).json(pretty: false)
    }
}
