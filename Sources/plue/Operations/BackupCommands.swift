import ArgumentParser
internal import Execution
internal import SQLiteStorage
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue backup`
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the embedded database to a file, while it is used.")

    @Argument(help: "The file; it must not be there yet.")
    var file: String

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "A JSON object.")
    var json = false

    mutating func run() async throws {
        let path = Directories.absolute(file)
        let database = try await Database(options.database, absent: .refused)
        guard let storage = database.backend as? SQLiteStorage else { throw Self.refusal("pg_dump") }
        guard !Files.exists(path) else { throw OutputFile.exists(path) }
        // One of an older program is copied as it is: a backup comes before the migration.
        if try await Migrator(database.migrations).pending(storage).isEmpty {
            let services = try await database.services()
            try await services.transfer.authorizeExport(to: path, by: Caller.principal)
        } else if Caller.isJob {
            throw CommandError(
                ExitStatus.engine, "the database's schema is older than this program's: a job may not copy it")
        }
        let partial = OutputFile.partial(of: path)
        Interrupts.removeFile(partial)
        defer { Interrupts.unwatch() }
        do {
            try await storage.backup(to: path, through: partial)
        } catch let error as StorageError where error.code == .unavailable && Files.exists(path) {
            throw OutputFile.exists(path)
        }
        await storage.close()
        OperationReport("backup", "copied to \(path)", [("path", .string(path))]).show(asJSON: json)
    }

    static func refusal(_ program: String) -> CommandError {
        CommandError(
            ExitStatus.usage,
            "a PostgreSQL database has its own tool for this: \(program); or `\(Hint.command("db export FILE"))`")
    }
}

/// `plue restore`
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Replace the embedded database's content by that of a backup.")

    @Argument(help: "A file of `plue backup`.")
    var file: String

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "Also when the database has runs, which are lost; never while another process uses it.")
    var force = false

    @Flag(help: "A JSON object.")
    var json = false

    mutating func run() async throws {
        let path = Directories.absolute(file)
        guard Files.exists(path) else { throw CommandError(ExitStatus.usage, "\(path): there is no such file") }
        let database = try await Database(options.database)
        guard database.backend is SQLiteStorage, let target = database.path else {
            throw BackupCommand.refusal("pg_restore")
        }
        try await check(path, database)
        try await SQLiteStorage.restore(from: path, to: target)
        let restored = try await Database(options.database)
        let services = Services(backend: restored.backend)
        _ = try await services.apply(restored.migrations)
        try await services.transfer.recordRestore(from: path, by: Caller.principal)
        await restored.backend.close()
        OperationReport(
            "restore", "\(target) holds what \(path) does", [("path", .string(path)), ("database", .string(target))]
        ).show(asJSON: json)
    }

    /// The backup must be a database that this program can open, and nothing may be lost unasked.
    private func check(_ path: String, _ database: Database) async throws {
        let backup = try SQLiteStorage.open(path: path)
        let waiting = try await Migrator(database.migrations).pending(backup).count
        await backup.close()
        guard waiting < database.migrations.count else {
            throw CommandError(ExitStatus.usage, "\(path) is no backup of plue: it is another program's database")
        }
        let foreign = try await database.backend.read { db in
            try db.tables(matching: "%").first { !$0.hasPrefix("actions_") && !$0.hasPrefix("sqlite_") }
        }
        if let foreign {
            throw CommandError(
                ExitStatus.usage, "the database holds another program's table \(foreign): it is not replaced")
        }
        let services = try await database.services()
        try await services.transfer.authorizeRestore(by: Caller.principal)
        let hasRuns = try await !services.history.runs(limit: 1).isEmpty
        await database.backend.close()
        guard !hasRuns || force else {
            throw CommandError(
                ExitStatus.usage, "the database has runs, which would be lost: --force if that is meant")
        }
    }
}
