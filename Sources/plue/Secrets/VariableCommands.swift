import ArgumentParser
internal import Cryptography
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue variable`: values that jobs have as `vars.NAME`.
struct VariableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "variable",
        abstract: "Variables of a repository, an environment or an organization: set, list, delete.",
        discussion: """
            A job has them as vars.NAME, stored in the clear: of its environment before its repository's, and those before \
            its organization's. What is given to `plue run` with --var or .vars goes before those of repository and \
            organization. A run keeps the values that it began with.
            """,
        subcommands: [
            VariableSetCommand.self, VariableListCommand.self, VariableDeleteCommand.self, VariableGrantCommand.self,
            VariableRevokeCommand.self,
        ])
}

/// `plue variable set`
struct VariableSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Store a value, in place of the one it had.",
        discussion: "Without a value: it is read from standard input, without the line break at its end.")

    @OptionGroup var owner: OwnerOptions
    @Argument(help: "The variable's name.") var name: String
    @Argument(help: "Its value.") var value: String?
    @Option(name: .shortAndLong, help: "A file that holds the value.") var file: String?
    @Option(help: "Which repositories may use an organization's: all, private (those that are not public), selected.")
    var visibility: String?

    mutating func validate() throws {
        if value != nil, file != nil { throw ValidationError("--file goes without a value") }
    }

    mutating func run() async throws {
        let visibility = try VisibilityArgument.parse(visibility, of: owner)
        let (owner, name) = (owner, name)
        let value = try value ?? Self.read(file, name)
        try await Database.use(owner.place.history.database) { services in
            let owner = try await owner.find(services, storing: true)
            try await services.variables.set(name, value, of: owner, visibility: visibility, by: Caller.principal)
        }
    }

    private static func read(_ file: String?, _ name: String) throws -> String {
        let bytes = try SecretInput.read(file: file, prompt: "Value of \(name.oneLine)")
        guard let text = bytes.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw CommandError(ExitStatus.usage, "variable \(name): a value is text in UTF-8")
        }
        return text
    }
}

/// `plue variable list`
struct VariableListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Names and values.")

    @OptionGroup var owner: OwnerOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let owner = owner
        let found = try await Database.use(owner.place.history.database, absent: .empty) { services in
            try await services.variables.list(of: try await owner.find(services), by: Caller.principal)
        }
        if json {
            for variable in found { Standard.line(Self.record(variable)) }
        } else if found.isEmpty {
            Standard.errorLine("no variable is stored")
        } else {
            let isShared = owner.organization != nil
            let rows = found.map { variable in
                [variable.name, variable.value, variable.updatedAt.iso8601]
                    + (isShared ? [variable.visibility.rawValue] : [])
            }
            Standard.output(Table(["NAME", "VALUE", "UPDATED"] + (isShared ? ["VISIBLE TO"] : [])).text(rows))
        }
    }

    private static func record(_ variable: VariableInfo) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("name", .string(variable.name)), ("value", .string(variable.value)),
                ("visibility", .string(variable.visibility.rawValue)),
                ("created_at", .string(variable.createdAt.iso8601)),
                ("updated_at", .string(variable.updatedAt.iso8601)),
            ])
        ).json(pretty: false)
    }
}

/// `plue variable delete`
struct VariableDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a variable; runs that began keep it.")

    @OptionGroup var owner: OwnerOptions
    @Argument(help: "The variable's name.") var name: String

    mutating func run() async throws {
        let (owner, name) = (owner, name)
        try await Database.use(owner.place.history.database, absent: .empty) { services in
            try await services.variables.delete(name, of: try await owner.find(services), by: Caller.principal)
        }
    }
}

/// `plue variable grant`
struct VariableGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Let a repository use an organization's variable of visibility selected.")

    @OptionGroup var grant: GrantOptions

    mutating func run() async throws {
        try await VariableRevokeCommand.set(true, grant)
    }
}

/// `plue variable revoke`
struct VariableRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take it back from a repository.")

    @OptionGroup var grant: GrantOptions

    mutating func run() async throws {
        try await Self.set(false, grant)
    }

    static func set(_ isGranted: Bool, _ grant: GrantOptions) async throws {
        try await Database.use(grant.place.history.database, absent: .empty) { services in
            try await services.variables.setGranted(
                isGranted, grant.name, of: grant.organization, to: try await grant.place.find(services),
                by: Caller.principal)
        }
    }
}
