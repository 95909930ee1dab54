import ArgumentParser
internal import Execution
internal import Model
internal import Services

/// `plue audit seal`
struct AuditSealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Seal what is not sealed yet, as servers do every second; print the checkpoint.")

    @OptionGroup var options: DatabaseOptions

    mutating func run() async throws {
        try await AuditCommand.with(options, keys: .required) { audit in
            try await audit.services.access.check(.serverWork, .installation, by: Caller.principal)
            let sealed = try await audit.seal()
            if sealed.isBusy { Standard.errorLine("another process seals just now") }
            Standard.errorLine("\(sealed.rows) \(sealed.rows == 1 ? "row" : "rows") sealed")
            guard let note = sealed.checkpoint else { return }
            Standard.output(note.description)
            let tree = try TreeCheckpoint(note.text)
            let file = CheckpointFile(folder: Directories.auditCheckpoints, origin: tree.origin)
            do throws(ExecutionError) {
                try file.append(note)
            } catch {
                throw CommandError(
                    ExitStatus.engine, "the checkpoint is not outside of the database: \(error.message)")
            }
        }
    }
}

/// `plue audit key`
struct AuditKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The public key that checkpoints and proofs are checked with (C2SP vkey).")

    @OptionGroup var options: DatabaseOptions

    mutating func run() async throws {
        try await AuditCommand.with(options) { audit in
            guard let key = try await audit.key() else {
                throw CommandError(ExitStatus.usage, "nothing was sealed yet; `\(Hint.command("audit seal"))` seals")
            }
            Standard.line(key.description)
        }
    }
}
