import ArgumentParser
internal import Glibc
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue db export`
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the whole database to a file of JSON lines, of one moment.")

    @Argument(help: "The file; it must not be there yet.")
    var file: String

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "A JSON object.")
    var json = false

    mutating func run() async throws {
        let path = Directories.absolute(file)
        let database = try await Database(options.database, absent: .refused)
        let services = try await database.services()
        let output = try OutputFile(path)
        let digests: [TableDigest]
        do {
            try await services.transfer.authorizeExport(to: path, by: Caller.principal)
            digests = try await services.transfer.export(migration: database.newestMigration) { line, isFirst in
                try output.write(line, restarting: isFirst)
            }
            try output.finish()
        } catch {
            output.discard()
            throw error
        }
        await database.backend.close()
        OperationReport("export", path: path, digests) { "\($0) in \(path)" }.show(asJSON: json)
    }
}

/// `plue db import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read an export into an empty database, and check that nothing was lost.")

    @Argument(help: "A file of `plue db export`.")
    var file: String

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "A JSON object.")
    var json = false

    mutating func run() async throws {
        let path = Directories.absolute(file)
        guard access(path, R_OK) == 0 else {
            throw CommandError(ExitStatus.usage, "\(path): \(String(cString: strerror(errno)))")
        }
        let database = try await Database(options.database)
        let services = try await database.services()
        let digests = try await services.transfer.import(migration: database.newestMigration) {
            try LineReader(path, limit: TransferService.lineLimit)
        }
        await database.backend.close()
        OperationReport("import", path: path, digests) { "\($0), all as exported" }.show(asJSON: json)
    }
}

extension OperationReport {
    /// Of tables that were moved.
    fileprivate init(_ type: String, path: String, _ digests: [TableDigest], text: (String) -> String) {
        let rows = digests.reduce(0) { $0 + $1.rows }
        self.init(
            type, text("\(rows) rows of \(digests.count) tables"),
            [
                ("path", .string(path)), ("rows", .number(Double(rows))), ("tables", .number(Double(digests.count))),
            ])
    }
}
