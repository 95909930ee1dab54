import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue retention`: how long what has ended is kept.
struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "How long logs, runs and deliveries are kept: list, set.",
        subcommands: [RetentionListCommand.self, RetentionSetCommand.self])
}

/// `plue retention list`
struct RetentionListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The defaults, and what was set for repositories.")

    @OptionGroup var options: DatabaseOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(options.database, absent: .empty)
        let settings = try await services.retention.settings(by: Caller.principal)
        await services.backend.close()
        if json {
            for setting in settings { Standard.line(Self.record(setting)) }
        } else {
            let rows = settings.map { setting in
                [setting.retentionClass.rawValue, setting.repositoryID.map { "\($0)" } ?? "(all)", "\(setting.days)"]
            }
            Standard.output(Table(["CLASS", "REPOSITORY", "DAYS"]).text(rows))
        }
    }

    private static func record(_ setting: RetentionService.Setting) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("class", .string(setting.retentionClass.rawValue)),
                ("repository", setting.repositoryID.map { .number(Double($0.rawValue)) } ?? .null),
                ("days", .number(Double(setting.days))),
            ])
        ).json(pretty: false)
    }
}

/// `plue retention set`
struct RetentionSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set the days of a class; nothing is removed until `plue prune` or a server does."
    )

    @OptionGroup var options: DatabaseOptions
    @Argument(help: "logs, runs, events or audit.") var `class`: String
    @Argument(help: "Days after a run's end, a delivery or an audit row, 1 to 36500; 'default' takes the setting back.")
    var days: String
    @Option(help: "Only of this repository: its id, OWNER/NAME or folder (default: all without their own).")
    var repository: String?

    mutating func run() async throws {
        let kind = try RetentionArgument.parse(`class`)
        let number = Int64(days)
        guard number != nil || days == "default" else {
            throw CommandError(ExitStatus.usage, "\(days): expected a number of days, or 'default'")
        }
        let services = try await Database.open(options.database)
        var id: RepositoryID?
        if let repository { id = try await RepositoryArgument.find(repository, services, storing: true) }
        try await services.retention.set(kind, days: number, for: id, by: Caller.principal)
        await services.backend.close()
    }
}
