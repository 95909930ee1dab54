internal import Services
internal import WorkflowSyntax

/// A plan as text or JSON. What depends on results of other jobs is said to.
struct PlanText {
    /// Occurrences of a schedule that are shown.
    private static let occurrences = 3

    private let plan: RunPlan
    private let after: Int64

    /// `after`: from when on occurrences of schedules are shown, in seconds since the epoch.
    init(_ plan: RunPlan, after: Int64) {
        self.plan = plan
        self.after = after
    }

    private struct PlannedJob {
        var id: String
        var verdict: String
        var reason: String?
        var legs: Int?
        var needs: [String]
    }

    /// Nothing of the files or the event can change a terminal.
    var lines: String {
        whole.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).oneLine }
            .joined(separator: "\n")
    }

    private var whole: String {
        var text =
            "\(plan.event) at \(plan.ref)@\((plan.git.commit ?? Git.noCommit).prefix(7))\(plan.git.isDirty ? " (dirty)" : "")\n"
        for entry in plan.entries {
            text += "run   \(entry.source.path)\(entry.source.workflow.name.map { "  (\($0))" } ?? "")\n"
            for schedule in schedules(of: entry) {
                text += "  cron  \(schedule.cron)\(schedule.timezone.map { "  \($0)" } ?? "")\n"
                for line in schedule.lines { text += "        \(line)\n" }
            }
            for job in jobs(of: entry) {
                let legs = job.legs.map { $0 == 1 ? "" : "  \($0) legs" } ?? ""
                let needs = job.needs.isEmpty ? "" : "  after \(job.needs.joined(separator: ", "))"
                text +=
                    "  \(job.verdict == "run" ? "run " : job.verdict)  \(job.id)\(legs)\(needs)\(job.reason.map { "  — \($0)" } ?? "")\n"
            }
        }
        for skipped in plan.skipped { text += "skip  \(skipped.file)  — \(skipped.reason)\n" }
        return text
    }

    var json: String {
        func list(_ texts: [String]) -> ExpressionValue { .array(ExpressionArray(texts.map { .string($0) })) }
        let runs = plan.entries.map { entry in
            let jobs = jobs(of: entry).map { job in
                ExpressionValue.object(
                    ExpressionObject([
                        ("job", .string(job.id)), ("verdict", .string(job.verdict)),
                        ("reason", job.reason.map { .string($0) } ?? .null),
                        ("legs", job.legs.map { .number(Double($0)) } ?? .null), ("needs", list(job.needs)),
                    ]))
            }
            return ExpressionValue.object(
                ExpressionObject([
                    ("file", .string(entry.source.path)), ("jobs", .array(ExpressionArray(jobs))),
                    ("schedules", .array(ExpressionArray(schedules(of: entry).map(\.json)))),
                ]))
        }
        let skipped = plan.skipped.map { skipped in
            ExpressionValue.object(
                ExpressionObject([("file", .string(skipped.file)), ("reason", .string(skipped.reason))]))
        }
        let whole = ExpressionObject([
            ("event", .string(plan.event)), ("ref", .string(plan.ref)), ("run", .array(ExpressionArray(runs))),
            ("skip", .array(ExpressionArray(skipped))),
        ])
        return ExpressionValue.object(whole).json(pretty: true)
    }

    /// For `plan schedule` only.
    private func schedules(of entry: RunPlan.Entry) -> [ScheduleForecast] {
        guard plan.event == "schedule" else { return [] }
        return ScheduleForecast.all(entry.source.workflow, Self.occurrences, after: after)
    }

    private func jobs(of entry: RunPlan.Entry) -> [PlannedJob] {
        entry.source.workflow.jobs.map { job in
            let forecast = entry.forecasts[job.id.lowercased()]
            return PlannedJob(
                id: job.id, verdict: forecast?.verdict.rawValue ?? "run", reason: forecast?.reason,
                legs: forecast?.legs, needs: job.needs.map(\.id))
        }
    }
}
