import ArgumentParser
internal import Cryptography
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue key`: the keys that secrets hang from.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The keys of stored secrets: status, rotate, rekey.",
        discussion: """
            The root key stands outside of the database, in exactly one place: the file that PLUE_KEY_FILE names (32 bytes, \
            mode 0600), PLUE_ROOT_KEY (64 hexadecimal digits or base64), PLUE_PASSPHRASE or the file that \
            PLUE_PASSPHRASE_FILE names (Argon2id); the variables are taken out of the environment at start. For an embedded \
            database it is otherwise root.key beside it in the data folder, made with the first secret. Who loses it loses \
            every secret.
            """,
        subcommands: [KeyStatusCommand.self, KeyRotateCommand.self, KeyRekeyCommand.self])

    /// Opens the database with the root key and closes it, whatever comes of `body`.
    static func with<R>(_ options: DatabaseOptions, _ body: (KeyService) async throws -> R) async throws -> R {
        try await Database.use(options.database, absent: .empty, keys: .asked) { services in
            guard let keys = services.keys else { throw RootKeySettings.missing }
            return try await body(keys)
        }
    }
}

/// `plue key status`
struct KeyStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Which keys there are, and how many values each wraps.")

    @OptionGroup var options: DatabaseOptions
    @Flag(help: "One JSON object.") var json = false

    mutating func run() async throws {
        guard let status = try await KeyCommand.with(options, { try await $0.status(by: Caller.principal) }) else {
            return Standard.errorLine("there are no keys yet: the first secret makes them")
        }
        if json { return Standard.line(Self.record(status)) }
        Standard.line("installation \(status.installation)")
        let replaced = status.rootReplacedAt.last.map {
            ", replaced \(status.rootReplacedAt.count) times, last \($0.iso8601)"
        }
        Standard.line("root key     proven\(status.usesPassphrase ? ", a passphrase" : "")\(replaced ?? "")")
        let rows = status.terms.map { term in
            [
                "\(term.term)", term.state.rawValue, "\(term.values)", "\(term.wraps)", term.createdAt.iso8601,
                term.retiredAt?.iso8601 ?? "",
            ]
        }
        Standard.output(Table(["TERM", "STATE", "VALUES", "WRAPPED SO FAR", "MADE", "RETIRED"]).text(rows))
        if status.terms.contains(where: \.isRotationDue) {
            Standard.errorLine("plue: the active key has wrapped many values: run `\(Hint.command("key rotate"))`")
        }
    }

    private static func record(_ status: KeyStatus) -> String {
        let terms = status.terms.map { term in
            ExpressionValue.object(
                ExpressionObject([
                    ("term", .number(Double(term.term))), ("state", .string(term.state.rawValue)),
                    ("values", .number(Double(term.values))), ("wraps", .number(Double(term.wraps))),
                    ("created_at", .string(term.createdAt.iso8601)),
                    ("activated_at", term.activatedAt.map { .string($0.iso8601) } ?? .null),
                    ("retired_at", term.retiredAt.map { .string($0.iso8601) } ?? .null),
                ]))
        }
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("installation", .string(status.installation)),
                ("passphrase", .boolean(status.usesPassphrase)), ("terms", .array(ExpressionArray(terms))),
                ("root_replaced_at", .array(ExpressionArray(status.rootReplacedAt.map { .string($0.iso8601) }))),
            ])
        ).json(pretty: false)
    }
}

/// `plue key rotate`
struct KeyRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Make a new key and wrap all values with it, while servers go on.",
        discussion: "One that was interrupted is finished first, without another key.")

    @OptionGroup var options: DatabaseOptions

    mutating func run() async throws {
        let rotation = try await KeyCommand.with(options) { try await $0.rotate(by: Caller.principal) }
        let values = "\(rotation.values) \(rotation.values == 1 ? "value" : "values")"
        Standard.line(
            rotation.isResumed
                ? "finished the rotation to term \(rotation.term): \(values) wrapped"
                : "term \(rotation.term) is active: \(values) wrapped")
        if !rotation.retired.isEmpty {
            Standard.line("retired: \(rotation.retired.map { "term \($0)" }.joined(separator: ", "))")
        }
    }
}

/// `plue key rekey`
struct KeyRekeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey", abstract: "Replace the root key; values and their keys stay.",
        discussion: """
            Without an option a new key file takes the place of the present one, which is kept beside it for backups that \
            were made before. Servers with that file find the new one by themselves; others are to be started anew.
            """)

    @OptionGroup var options: DatabaseOptions
    @Option(help: "The file of the new key; made where there is none.") var toKeyFile: String?
    @Option(help: "The file that holds the new passphrase.") var toPassphraseFile: String?

    mutating func validate() throws {
        if toKeyFile != nil, toPassphraseFile != nil {
            throw ValidationError("--to-key-file goes without --to-passphrase-file")
        }
    }

    mutating func run() async throws {
        var origin = toKeyFile.map { RootKeyOrigin.file(Directories.absolute($0)) }
        if let toPassphraseFile { origin = .passphrase(try SecretInput.passphrase(ofFile: toPassphraseFile)) }
        let new = origin
        let former = try await KeyCommand.with(options) { try await $0.rekey(to: new, by: Caller.principal) }
        if let former {
            Standard.line("the root key was replaced; backups made before need \(former)")
        } else if let toKeyFile {
            Standard.line("the root key was replaced: start with PLUE_KEY_FILE=\(Directories.absolute(toKeyFile))")
        } else if let toPassphraseFile {
            let path = Directories.absolute(toPassphraseFile)
            Standard.line("the root key was replaced: start with PLUE_PASSPHRASE_FILE=\(path)")
        } else {
            Standard.line("the root key was replaced already")
        }
    }
}
