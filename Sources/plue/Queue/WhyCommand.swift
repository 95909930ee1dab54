import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue why`: what the open jobs of a run wait for.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Say why the jobs of a run wait, and which runners could take one.")

    @OptionGroup var history: HistoryOptions
    @Argument(help: "The run's id (default: the newest).") var id: Int64?
    @Argument(help: "Only this job, by key or name, with every runner and what keeps it from taking the job.") var job:
        String?
    @Flag(help: "A JSON object.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(history.database, absent: .empty)
        let run = try await history.run(id, services).run
        var open = try await services.queue.explain(run: run.id, by: Caller.principal)
        if let job {
            let all = try await services.history.jobs(of: run.id).filter { $0.matches(job) }
            if all.isEmpty { throw CommandError(ExitStatus.usage, "run \(run.id) has no job \(job)") }
            let ids = Set(all.map(\.id))
            open = open.filter { ids.contains($0.job.id) }
            for ended in all where ended.conclusion != nil && open.isEmpty && !json {
                Standard.line("\(ended.name.oneLine) has ended: \(ended.conclusion?.rawValue ?? "")")
            }
        }
        if json {
            Standard.line(record(run, open))
        } else if run.status.isTerminal {
            Standard.errorLine("run \(run.id) has ended: \(RunSummaryText.word(run))")
        } else {
            show(open)
        }
        await services.backend.close()
    }

    private func show(_ open: [JobExplanation]) {
        let rows = open.map { found in
            [
                found.job.name, found.reason.explanation, found.position.map { "\($0)" } ?? "",
                Self.wait(until: found.estimatedStart, found), Self.wait(until: found.estimatedEnd, found),
            ]
        }
        // A reason is never cut: it is what was asked for.
        Standard.output(Table(["JOB", "WHY", "POSITION", "STARTS IN", "ENDS IN"], limit: nil).text(rows))
        guard job != nil else { return }
        for found in open where found.job.kind == .steps && !found.candidates.isEmpty {
            let labels = found.labels.joined(separator: ", ")
            Standard.line("\n\(found.job.name.oneLine) runs on \(labels)")
            let rows = found.candidates.map { match in
                [
                    "\(match.runner.id)", match.runner.name, match.runner.status.rawValue,
                    match.obstacle?.explanation ?? "could take it",
                ]
            }
            Standard.output(Table(["ID", "RUNNER", "STATUS", "MATCH"], limit: nil).text(rows))
        }
    }

    /// Nothing for what has begun or is not known.
    private static func wait(until moment: Timestamp?, _ found: JobExplanation) -> String {
        guard let moment, moment >= found.asOf else { return "" }
        return "~" + Elapsed.text(microseconds: moment.microseconds - found.asOf.microseconds)
    }

    private func record(_ run: WorkflowRun, _ open: [JobExplanation]) -> String {
        let jobs = open.map { found in
            var fields: [(String, ExpressionValue)] = [
                ("id", .number(Double(found.job.id.rawValue))), ("job", .string(found.job.keyPath)),
                ("name", .string(found.job.name)), ("status", .string(found.job.status.rawValue)),
                ("reason", .string(found.reason.code)), ("explanation", .string(found.reason.explanation)),
                ("labels", .array(ExpressionArray(found.labels.map { .string($0) }))),
                ("position", found.position.map { .number(Double($0)) } ?? .null),
                ("estimated_start", found.estimatedStart.map { .string($0.iso8601) } ?? .null),
                ("estimated_end", found.estimatedEnd.map { .string($0.iso8601) } ?? .null),
            ]
            if job != nil { fields.append(("runners", Self.runners(found.candidates))) }
            return ExpressionValue.object(ExpressionObject(fields))
        }
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("run", .number(Double(run.id.rawValue))),
                ("status", .string(run.status.rawValue)),
                ("conclusion", run.conclusion.map { .string($0.rawValue) } ?? .null),
                ("jobs", .array(ExpressionArray(jobs))),
            ])
        ).json(pretty: true)
    }

    private static func runners(_ candidates: [RunnerMatch]) -> ExpressionValue {
        .array(
            ExpressionArray(
                candidates.map { match in
                    .object(
                        ExpressionObject([
                            ("id", .number(Double(match.runner.id.rawValue))), ("name", .string(match.runner.name)),
                            ("status", .string(match.runner.status.rawValue)),
                            ("obstacle", match.obstacle.map { .string($0.explanation) } ?? .null),
                        ]))
                }))
    }
}
