import ArgumentParser
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue db`: the schema of the database, and whole databases as text.
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "The database: its schema, export and import.",
        subcommands: [
            MigrateCommand.self, MigrationStatusCommand.self, ExportCommand.self, ImportCommand.self,
        ])
}

/// `plue db migrate`
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the schema to this program's version; other commands do so too.")

    @OptionGroup var options: DatabaseOptions

    @Option(help: "Stop at this migration (2 or 0002_audit): a schema of the past, for tests.")
    var to: String?

    @Option(
        help: ArgumentHelp(
            "Let this role of PostgreSQL do what a server does, and no more: of the audit log it reads and adds.",
            valueName: "role"))
    var grant: String?

    @Flag(help: "A JSON object.")
    var json = false

    func validate() throws {
        if grant != nil, to != nil { throw ValidationError("--grant is for this program's schema: leave --to out") }
    }

    mutating func run() async throws {
        let database = try await Database(options.database)
        let to = try to.map { try Self.version($0, of: database.migrations) }
        let count: Int
        if let to {
            count = try await Migrator(database.migrations).migrate(database.backend, to: to)
        } else {
            count = try await Services(backend: database.backend).apply(database.migrations)
            let services = try await database.services()
            if let grant { try await services.access.grantServer(to: grant, by: Caller.principal) }
        }
        await database.backend.close()
        var text = count == 0 ? "nothing to do" : "\(count) migration\(count == 1 ? "" : "s") applied"
        if let grant { text += "; \(grant) has the rights of a server" }
        guard json else { return Standard.line(text) }
        let applied = database.migrations.prefix(to ?? database.migrations.count).suffix(count)
        let names = applied.map { ExpressionValue.string($0.identifier) }
        var fields: [(String, ExpressionValue)] = [("applied", .array(ExpressionArray(names)))]
        if let grant { fields.append(("granted", .string(grant))) }
        OperationReport("migrate", text, fields).show(asJSON: true)
    }

    /// A number, or a migration's whole name.
    private static func version(_ text: String, of migrations: [Migration]) throws -> Int {
        if let known = migrations.first(where: { $0.identifier == text }) { return known.version }
        if let number = Int(text), (0...migrations.count).contains(number) { return number }
        let names = migrations.map(\.identifier).joined(separator: ", ")
        throw CommandError(
            ExitStatus.usage, "--to \(text): expected a number from 0 to \(migrations.count), or one of \(names)")
    }
}

/// `plue db status`
struct MigrationStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Which migrations are applied, and since when.")

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "One JSON object a line.")
    var json = false

    mutating func run() async throws {
        let database = try await Database(options.database, absent: .empty)
        let status = try await Migrator(database.migrations).status(database.backend)
        await database.backend.close()
        for (migration, appliedAt) in status {
            if json {
                let at = appliedAt.map { "\"\($0.iso8601)\"" } ?? "null"
                Standard.line(
                    #"{"v":1,"type":"migration","name":"\#(migration.identifier)","sha256":"\#(migration.checksum)","applied_at":\#(at)}"#
                )
            } else {
                Standard.line("\(migration.identifier)  \(appliedAt.map { "applied \($0.iso8601)" } ?? "pending")")
            }
        }
    }
}
