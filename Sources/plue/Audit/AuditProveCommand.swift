import ArgumentParser
internal import Model
internal import Services

/// `plue audit prove`
struct AuditProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract:
            "Print the proof that a row is in the log, which `plue audit verify --proof` checks without a database.")

    @Argument(help: "The row's id.") var id: Int64
    @OptionGroup var options: DatabaseOptions

    mutating func run() async throws {
        let id = id
        try await AuditCommand.with(options) { audit in
            // The proof shows the row.
            try await audit.services.access.check(.auditRead, .installation, by: Caller.principal)
            Standard.line(try await audit.prove(id).json)
        }
    }
}
