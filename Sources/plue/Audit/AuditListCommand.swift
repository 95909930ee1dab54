import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue audit list`
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Who did what, the newest first.")

    @OptionGroup var options: DatabaseOptions
    @OptionGroup var filters: AuditFilterOptions
    @Option(name: [.customShort("L"), .long], help: "How many, up to 1000.") var limit = 50
    @Option(help: "Only rows before this one: the id that the last page ended with.") var before: Int64?
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        guard (1...1_000).contains(limit) else { throw CommandError(ExitStatus.usage, "--limit must be 1 to 1000") }
        let command = self
        try await AuditCommand.with(options) { audit in
            let page = try await audit.list(
                try await command.filters.filter(audit), after: command.before.map { PageCursor($0) },
                limit: command.limit, by: Caller.principal)
            if command.json {
                for record in page.items { Standard.line(AuditRecordText.json(record)) }
            } else {
                let rows = page.items.map { record in
                    let actor = record.actor
                    return [
                        "\(record.id)", String(record.createdAt.iso8601.prefix(19)) + "Z",
                        // A job's name is a number.
                        (actor.kind == .user ? actor.name : "\(actor.kind.rawValue) \(actor.name)").oneLine,
                        record.action, "\(record.objectKind) \(record.objectID)", record.outcome,
                        record.body.oneLine,
                    ]
                }
                Standard.output(Table(["ID", "TIME", "ACTOR", "ACTION", "OBJECT", "OUTCOME", "CHANGE"]).text(rows))
            }
            if let next = page.next { Standard.errorLine("there are more: --before \(next)") }
        }
    }
}
