import ArgumentParser
internal import Services
internal import Storage

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

    @Option(help: "Stop at this migration: a schema of the past, for tests.")
    var to: Int?

    mutating func run() async throws {
        let database = try await Database(options.database)
        let count: Int
        if let to {
            count = try await Migrator(database.migrations).migrate(database.backend, to: to)
        } else {
            count = try await Migrator(database.migrations).migrate(database.backend)
            _ = try await database.services()
        }
        await database.backend.close()
        Standard.line(count == 0 ? "nothing to do" : "\(count) migration\(count == 1 ? "" : "s") applied")
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
        let database = try await Database(options.database)
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
