import ArgumentParser
internal import Execution
internal import Glibc
internal import Model
internal import Services

/// `plue audit verify`: exit 1 when something was changed.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Find what was changed in the audit log after it was sealed: exit 1 with a list.",
        discussion: """
            Every row is compared with its leaf, the leaves with the signed roots, these with the checkpoints outside of the \
            database. edited, deleted, inserted, reordered and truncated rows are told with their place; rewritten: rows \
            were changed together with their leaves, somewhere between two checkpoints; key: a row among the signing keys is \
            none. Rows that wait to be sealed are counted; nobody can tell what was done to them. What a verification could \
            not rely on is noted, without an exit of 1: no key but the database's own word, no checkpoint outside or an old one, triggers that are gone.
            """)

    @OptionGroup var options: DatabaseOptions
    @Option(help: "Only what follows the checkpoint of so many leaves.") var since: Int64?
    @Option(help: "The public key to trust, as `plue audit key` prints it, where the root key is not at hand.")
    var key: String?
    @Option(help: "A file of checkpoints (default: the installation's own, when it is there).") var checkpoints: String?
    @Option(help: "Check a file of `plue audit prove` instead, without a database.") var proof: String?
    @Flag(help: "One JSON object a line: each problem, then a summary, also with --proof.") var json = false

    mutating func run() async throws {
        let command = self
        let trusted = try key.map { try NoteKey($0) }
        if let proof { return try Self.check(proof, trusted, json: json) }
        var isSound = true
        try await AuditCommand.with(options, preparesMonths: false) { audit in
            try await audit.services.access.check(.databaseCheck, .installation, by: Caller.principal)
            let keys = if let trusted { [trusted] } else { try await audit.keys() }
            var origin = trusted?.name
            if origin == nil { origin = try await audit.origin() }
            let notes = try command.notes(keys, of: origin)
            let start = ContinuousClock.now
            let report = try await audit.verify(since: command.since, outside: notes, key: trusted)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let text = AuditReportText(report: report, file: notes, seconds: seconds)
            text.show(asJSON: command.json)
            isSound = text.problemCount == 0
        }
        if !isSound { Glibc.exit(ExitStatus.failed) }
    }

    /// Nil when no file was named and there is none of the installation.
    private func notes(_ keys: [NoteKey], of origin: String?) throws -> CheckpointNotes? {
        if let checkpoints {
            return try CheckpointNotes(Directories.absolute(checkpoints), keys: keys, origin: origin)
        }
        // By the installation's name, not by its keys: who erased these left the file.
        guard let origin else { return nil }
        let file = CheckpointFile(folder: Directories.auditCheckpoints, origin: origin)
        return Files.exists(file.path) ? try CheckpointNotes(file.path, keys: keys, origin: origin) : nil
    }

    private static func check(_ file: String, _ key: NoteKey?, json: Bool) throws {
        guard let bytes = Files.bytes(Directories.absolute(file), limit: 64 << 20) else {
            throw CommandError(ExitStatus.usage, "\(file): \(String(cString: strerror(errno)))")
        }
        let proof = try AuditProof(json: String(decoding: bytes, as: UTF8.self))
        let text = AuditProofText(proof: proof, trusted: key)
        text.show(asJSON: json)
        if text.fault != nil { Glibc.exit(ExitStatus.failed) }
    }
}
