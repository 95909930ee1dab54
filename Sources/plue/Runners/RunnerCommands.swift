import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue runner`: what takes jobs from the queue.
struct RunnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runner", abstract: "Servers that take jobs from the queue: start, list, drain, pause, remove.",
        subcommands: [
            RunnerStartCommand.self, RunnerListCommand.self, RunnerTokenCommand.self, RunnerDrainCommand.self,
            RunnerPauseCommand.self, RunnerResumeCommand.self, RunnerRemoveCommand.self,
        ])

    /// Who acts.
    static var user: Principal { Principal(.user, Directories.variable("USER") ?? "plue") }
}

/// `plue runner list`
struct RunnerListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The registered runners.")

    @OptionGroup var options: DatabaseOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(options.database, absent: .empty)
        var rows: [[String]] = []
        var cursor: PageCursor<Runner>?
        repeat {
            let page = try await services.runners.list(after: cursor, limit: 500, by: RunnerCommand.user)
            cursor = page.next
            for runner in page.items where runner.lockPath == nil {
                if json {
                    Standard.line(Self.json(runner))
                } else {
                    rows.append([
                        "\(runner.id)", runner.name, Self.state(runner), Self.scope(runner.scope),
                        "\(runner.maxParallelJobs)", runner.labels.joined(separator: ", "),
                    ])
                }
            }
        } while cursor != nil
        Standard.output(Table(["ID", "NAME", "STATE", "SCOPE", "JOBS", "LABELS"]).text(rows))
        await services.backend.close()
    }

    private static func state(_ runner: Runner) -> String {
        if let reason = runner.pausedReason { return "paused: \(reason)" }
        return runner.isDraining ? "draining" : runner.status.rawValue
    }

    private static func scope(_ scope: RunnerScope) -> String {
        switch scope {
        case .global: "global"
        case .organization(let id): "organization \(id)"
        case .repository(let id): "repository \(id)"
        }
    }

    private static func json(_ runner: Runner) -> String {
        let labels = ExpressionValue.array(ExpressionArray(runner.labels.map { .string($0) }))
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("id", .number(Double(runner.id.rawValue))), ("name", .string(runner.name)),
                ("status", .string(runner.status.rawValue)), ("draining", .boolean(runner.isDraining)),
                ("paused", runner.pausedReason.map { .string($0) } ?? .null),
                ("scope", .string(scope(runner.scope))), ("jobs", .number(Double(runner.maxParallelJobs))),
                ("labels", labels), ("last_seen", runner.lastSeen.map { .string("\($0)") } ?? .null),
            ])
        ).json(pretty: false)
    }
}

/// `plue runner token`
struct RunnerTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a registration token: for one runner, within an hour; shown once.")

    @OptionGroup var options: DatabaseOptions
    @Option(help: "The repository whose jobs the runner takes, by its id (default: all).") var repositoryID: Int64?

    mutating func run() async throws {
        let services = try await Database.open(options.database)
        let scope = repositoryID.map { RunnerScope.repository(RepositoryID($0)) } ?? .global
        Standard.line(
            try await services.runners.createRegistrationToken(scope: scope, by: RunnerCommand.user))
        await services.backend.close()
    }
}

/// The runner that a command is about.
struct RunnerOptions: ParsableArguments {
    @OptionGroup var options: DatabaseOptions
    @Argument(help: "The runner's id.") var id: Int64

    func change(_ body: (RunnerService, RunnerID) async throws -> Void) async throws {
        let services = try await Database.open(options.database, absent: .empty)
        try await body(services.runners, RunnerID(id))
        await services.backend.close()
    }
}

/// `plue runner drain`
struct RunnerDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Let a runner finish what it has and take nothing more; its process ends then.")

    @OptionGroup var runner: RunnerOptions

    mutating func run() async throws {
        try await runner.change { _ = try await $0.setDraining($1, true, by: RunnerCommand.user) }
    }
}

/// `plue runner pause`
struct RunnerPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Keep a runner from taking jobs until `plue runner resume`.")

    @OptionGroup var runner: RunnerOptions
    @Option(help: "Why; shown to those who wait.") var reason: String

    mutating func run() async throws {
        let reason = reason
        try await runner.change { _ = try await $0.setPaused($1, reason, by: RunnerCommand.user) }
    }
}

/// `plue runner resume`
struct RunnerResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a runner that was paused, or drains, take jobs again.")

    @OptionGroup var runner: RunnerOptions

    mutating func run() async throws {
        try await runner.change {
            _ = try await $0.setPaused($1, nil, by: RunnerCommand.user)
            _ = try await $0.setDraining($1, false, by: RunnerCommand.user)
        }
    }
}

/// `plue runner remove`
struct RunnerRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a runner away; jobs that it executes fail as lost.")

    @OptionGroup var runner: RunnerOptions

    mutating func run() async throws {
        try await runner.change { try await $0.unregisterKnown($1, by: RunnerCommand.user) }
    }
}
