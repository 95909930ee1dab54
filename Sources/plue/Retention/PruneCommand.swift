import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue prune`: removes what is over its limit.
struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove what has ended and is over its limit (`plue retention list`); what is held stays.",
        discussion: """
            logs: the logs of finished runs. runs: finished runs with all that belongs to them. events: stored \
            deliveries that no run refers to. audit: what rows of the audit log tell, in whole months once they are \
            sealed; the rows stay. Servers (`plue runner start`) do the same, some every hour.
            """)

    @OptionGroup var options: DatabaseOptions
    @Flag(name: [.customShort("n"), .long], help: "Change nothing; tell what would go.") var dryRun = false
    @Option(name: .customLong("class"), help: "Only this: logs, runs, events or audit; may be given again.")
    var classes: [String] = []
    @Flag(help: "One JSON object a class.") var json = false

    mutating func run() async throws {
        let chosen = try Set(classes.map(RetentionArgument.parse))
        let services = try await Database.open(options.database, absent: .empty)
        let results = try await services.retention.prune(
            chosen.isEmpty ? Set(RetentionClass.allCases) : chosen, dryRun: dryRun, by: Caller.principal)
        await services.backend.close()
        if json {
            for result in results { Standard.line(record(result)) }
        } else {
            let rows = results.map { result in
                [
                    result.retentionClass.rawValue, "\(result.rows) \(Self.unit(result.retentionClass, result.rows))",
                    result.oldest.map { "\($0.iso8601.prefix(10))" } ?? "", "\(result.days) days",
                ]
            }
            Standard.output(Table(["CLASS", dryRun ? "WOULD GO" : "REMOVED", "OLDEST", "LIMIT"]).text(rows))
        }
    }

    private static func unit(_ kind: RetentionClass, _ count: Int) -> String {
        let (one, many) =
            switch kind {
            case .logs: ("log chunk", "log chunks")
            case .runs: ("run", "runs")
            case .events: ("delivery", "deliveries")
            case .audit: ("body", "bodies")
            }
        return count == 1 ? one : many
    }

    private func record(_ result: PruneResult) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("type", .string("prune")), ("class", .string(result.retentionClass.rawValue)),
                ("dry_run", .boolean(dryRun)), ("rows", .number(Double(result.rows))),
                ("oldest", result.oldest.map { .string($0.iso8601) } ?? .null), ("days", .number(Double(result.days))),
            ])
        ).json(pretty: false)
    }
}
