import ArgumentParser
internal import Glibc
internal import Services
internal import Storage

/// `plue db export`
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the whole database to a file of JSON lines, of one moment.")

    @Argument(help: "The file; it must not be there yet.")
    var file: String

    @OptionGroup var options: DatabaseOptions

    mutating func run() async throws {
        let path = Directories.absolute(file)
        let database = try await Database(options.database)
        let services = try await database.services()
        let output = try OutputFile(path)
        let digests: [TableDigest]
        do {
            digests = try await services.transfer.export(migration: database.newestMigration) { line, isFirst in
                try output.write(line, restarting: isFirst)
            }
            try output.finish()
        } catch {
            output.discard()
            throw error
        }
        await database.backend.close()
        Standard.errorLine("\(digests.reduce(0) { $0 + $1.rows }) rows of \(digests.count) tables in \(path)")
    }
}

/// `plue db import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read an export into an empty database, and check that nothing was lost.")

    @Argument(help: "A file of `plue db export`.")
    var file: String

    @OptionGroup var options: DatabaseOptions

    mutating func run() async throws {
        let path = Directories.absolute(file)
        guard access(path, R_OK) == 0 else {
            throw CommandError(ExitStatus.usage, "\(path): \(String(cString: strerror(errno)))")
        }
        let database = try await Database(options.database)
        let services = try await database.services()
        let digests = try await services.transfer.import(migration: database.newestMigration) { try LineReader(path) }
        await database.backend.close()
        Standard.errorLine("\(digests.reduce(0) { $0 + $1.rows }) rows of \(digests.count) tables, all as exported")
    }
}
