import ArgumentParser
internal import Services

/// `plue audit export`
struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write rows to standard output, the oldest first; told to the log itself.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case jsonl, csv
    }

    @OptionGroup var options: DatabaseOptions
    @OptionGroup var filters: AuditFilterOptions
    @Option(help: "JSON lines, or CSV (RFC 4180) with a heading.") var format = Format.jsonl

    mutating func run() async throws {
        let command = self
        try await AuditCommand.with(options) { audit in
            let filter = try await command.filters.filter(audit)
            if command.format == .csv { Standard.line(AuditRecordText.columns.joined(separator: ",")) }
            let count = try await audit.export(filter, by: Caller.principal) { record in
                Standard.line(command.format == .csv ? AuditRecordText.csv(record) : AuditRecordText.json(record))
            }
            Standard.errorLine("\(count) \(count == 1 ? "row" : "rows")")
        }
    }
}
