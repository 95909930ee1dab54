import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue runner`: what takes jobs from the queue.
struct RunnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runner", abstract: "Servers that take jobs from the queue: start, list, drain, pause, remove.",
        subcommands: [
            RunnerStartCommand.self, RunnerListCommand.self, RunnerTokenCommand.self, RunnerJITCommand.self,
            RunnerDrainCommand.self, RunnerPauseCommand.self, RunnerResumeCommand.self, RunnerRemoveCommand.self,
            RunnerGroupCommand.self, RunnerMoveCommand.self,
        ])
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
        try await runner.change { _ = try await $0.setDraining($1, true, by: Caller.principal) }
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
        try await runner.change { _ = try await $0.setPaused($1, reason, by: Caller.principal) }
    }
}

/// `plue runner resume`
struct RunnerResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a runner that was paused, or drains, take jobs again.")

    @OptionGroup var runner: RunnerOptions

    mutating func run() async throws {
        try await runner.change {
            _ = try await $0.setPaused($1, nil, by: Caller.principal)
            _ = try await $0.setDraining($1, false, by: Caller.principal)
        }
    }
}

/// `plue runner remove`
struct RunnerRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a runner away; jobs that it executes fail as lost.")

    @OptionGroup var runner: RunnerOptions

    mutating func run() async throws {
        try await runner.change { try await $0.unregisterKnown($1, by: Caller.principal) }
    }
}
