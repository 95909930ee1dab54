import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// What `plue approve` and `plue reject` have in common.
struct ReviewOptions: ParsableArguments {
    @OptionGroup var history: HistoryOptions
    @Option(name: .shortAndLong, help: "Only jobs of this environment; may be repeated (default: all that you review).")
    var environment: [String] = []
    @Option(name: .shortAndLong, help: "Why; kept with the run.") var comment = ""

    /// Says it, and how many jobs it was about.
    func say(_ verdict: GateReview.Verdict, of id: Int64) async throws {
        let services = try await Database.open(history.database, absent: .empty)
        let run = try await history.run(id, services).run
        let count = try await services.environments.review(
            run.id, verdict, environments: environment.isEmpty ? nil : environment, comment: comment,
            by: Caller.principal)
        await services.backend.close()
        let what = run.hold == .waiting ? "run \(id)" : count == 1 ? "1 job of run \(id)" : "\(count) jobs of run \(id)"
        Standard.errorLine("\(what) \(count == 1 ? "is" : "are") \(verdict.rawValue)")
    }
}

/// `plue approve`
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let in the jobs of a run that wait for a reviewer, or a run of a fork; without a run: list them.")

    @OptionGroup var review: ReviewOptions
    @Argument(help: "The run's id.") var id: Int64?
    @Flag(help: "Of the list: one JSON object a line.") var json = false

    mutating func run() async throws {
        if let id { return try await review.say(.approved, of: id) }
        let services = try await Database.open(review.history.database, absent: .empty)
        let pending = try await services.environments.pending(limit: 1_000, by: Caller.principal)
        await services.backend.close()
        if json {
            for entry in pending { Standard.line(Self.record(entry)) }
        } else if pending.isEmpty {
            Standard.errorLine("nothing waits for an approval or a wait timer")
        } else {
            Standard.output(
                Table(["RUN", "REPOSITORY", "JOB", "ENVIRONMENT", "SINCE", "WAITS FOR"]).text(pending.map(Self.row)))
        }
    }

    private static func row(_ entry: PendingReview) -> [String] {
        var waits: [String] = []
        if entry.job == nil { waits.append("an approval: \(entry.actor) asked for it from a fork") }
        if !entry.reviewers.isEmpty { waits.append(entry.reviewers.joined(separator: " or ")) }
        if let end = entry.waitUntil { waits.append("\(end.iso8601.prefix(19))Z") }
        return [
            "\(entry.runID)", entry.repository, entry.job?.name ?? "(all)", entry.environment ?? "",
            "\(entry.since.iso8601.prefix(19))Z", waits.joined(separator: " and "),
        ]
    }

    private static func record(_ entry: PendingReview) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("run", .number(Double(entry.runID.rawValue))),
                ("number", .number(Double(entry.runNumber))), ("title", .string(entry.title)),
                ("repository", .string(entry.repository)), ("actor", .string(entry.actor)),
                ("job", entry.job.map { .string($0.name) } ?? .null),
                ("environment", entry.environment.map { .string($0) } ?? .null),
                ("since", .string(entry.since.iso8601)),
                ("wait_until", entry.waitUntil.map { .string($0.iso8601) } ?? .null),
                ("reviewers", .array(ExpressionArray(entry.reviewers.map { .string($0) }))),
            ])
        ).json(pretty: false)
    }
}

/// `plue reject`
struct RejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Fail the jobs of a run that wait for a reviewer, or cancel a run of a fork.")

    @OptionGroup var review: ReviewOptions
    @Argument(help: "The run's id.") var id: Int64

    mutating func run() async throws {
        try await review.say(.rejected, of: id)
    }
}
