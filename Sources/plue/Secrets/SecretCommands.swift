import ArgumentParser
internal import CWipingHeap
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue secret`: values that jobs may use and nobody can read back.
struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Secrets of a repository, an environment or an organization: set, list, delete.",
        discussion: """
            Values are stored encrypted, under the root key of `plue key`, and are never shown again. A job has them as \
            secrets.NAME: of its environment before its repository's, and those before its organization's. What is given to \
            `plue run` with -s or .secrets goes before all of them.
            """,
        subcommands: [
            SecretSetCommand.self, SecretListCommand.self, SecretDeleteCommand.self, SecretGrantCommand.self,
            SecretRevokeCommand.self,
        ])

    /// Opens the database and closes it, whatever comes of `body`.
    static func with<R>(
        _ options: HistoryOptions, absent: Database.Absence = .empty,
        _ body: (Services, SecretService) async throws -> R
    ) async throws -> R {
        try await Database.use(options.database, absent: absent, keys: .asked) { services in
            guard let secrets = services.secrets else { throw RootKeySettings.missing }
            return try await body(services, secrets)
        }
    }
}

/// `plue secret set`
struct SecretSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Store a value, in place of the one it had.",
        discussion: """
            The value is typed at a prompt, or piped (`plue secret set NAME < file`, without the line break at its end), or \
            read from a file as it is.
            """)

    @OptionGroup var owner: OwnerOptions
    @Argument(help: "The secret's name.") var name: String
    @Argument(help: .hidden) var value: String?
    @Option(name: .shortAndLong, help: "A file that holds the value.") var file: String?
    @Option(help: "Which repositories may use an organization's: all, private (those that are not public), selected.")
    var visibility: String?

    mutating func run() async throws {
        guard value == nil else {
            throw CommandError(
                ExitStatus.usage,
                "a value on the command line is seen by others of this host and kept by the shell: give it on standard "
                    + "input, with --file, or at the prompt")
        }
        let visibility = try VisibilityArgument.parse(visibility, of: owner)
        plue_overwrite_freed_memory()
        let value = try SecretInput.read(file: file, prompt: "Value of \(name.oneLine)")
        let (owner, name) = (owner, name)
        let isMaskable = try await SecretCommand.with(owner.place.history, absent: .made) {
            services, secrets in
            let owner = try await owner.find(services, storing: true)
            return try await secrets.set(name, value, of: owner, visibility: visibility, by: Caller.principal)
        }
        if !isMaskable {
            Standard.errorLine("plue: stored; a value under four bytes cannot be masked in logs")
        }
    }
}

/// `plue secret list`
struct SecretListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Names and dates, never values.")

    @OptionGroup var owner: OwnerOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let owner = owner
        let found = try await SecretCommand.with(owner.place.history) { services, secrets in
            try await secrets.list(of: try await owner.find(services), by: Caller.principal)
        }
        if json {
            for secret in found { Standard.line(Self.record(secret)) }
        } else if found.isEmpty {
            Standard.errorLine("no secret is stored")
        } else {
            let isShared = owner.organization != nil
            let rows = found.map { secret in
                [secret.name, "\(secret.version)", secret.updatedAt.iso8601]
                    + (isShared ? [secret.visibility.rawValue] : [])
            }
            Standard.output(Table(["NAME", "VERSION", "UPDATED"] + (isShared ? ["VISIBLE TO"] : [])).text(rows))
        }
    }

    private static func record(_ secret: SecretInfo) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("name", .string(secret.name)), ("version", .number(Double(secret.version))),
                ("visibility", .string(secret.visibility.rawValue)),
                ("created_at", .string(secret.createdAt.iso8601)), ("updated_at", .string(secret.updatedAt.iso8601)),
            ])
        ).json(pretty: false)
    }
}

/// `plue secret delete`
struct SecretDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a secret; jobs that run keep what they were given.")

    @OptionGroup var owner: OwnerOptions
    @Argument(help: "The secret's name.") var name: String

    mutating func run() async throws {
        let (owner, name) = (owner, name)
        try await SecretCommand.with(owner.place.history) { services, secrets in
            try await secrets.delete(name, of: try await owner.find(services), by: Caller.principal)
        }
    }
}

/// `plue secret grant`
struct SecretGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Let a repository use an organization's secret of visibility selected.")

    @OptionGroup var grant: GrantOptions

    mutating func run() async throws {
        try await SecretRevokeCommand.set(true, grant)
    }
}

/// `plue secret revoke`
struct SecretRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take it back from a repository.")

    @OptionGroup var grant: GrantOptions

    mutating func run() async throws {
        try await Self.set(false, grant)
    }

    static func set(_ isGranted: Bool, _ grant: GrantOptions) async throws {
        try await SecretCommand.with(grant.place.history) { services, secrets in
            try await secrets.setGranted(
                isGranted, grant.name, of: grant.organization, to: try await grant.place.find(services),
                by: Caller.principal)
        }
    }
}
