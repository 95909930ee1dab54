import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue runner jit`
struct RunnerJITCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jit",
        abstract: "Make a just-in-time runner: one job, started once within an hour by the text that is shown.",
        discussion: """
            The text is secret, and is shown once. Give it to `plue runner start --jitconfig -` (standard input) or \
            `--jitconfig @FILE`: others of a host see the arguments of its processes. The runner is taken away with \
            the end of its job, or when the text was not used in time.
            """)

    @OptionGroup var options: DatabaseOptions
    @OptionGroup var owner: RunnerScopeOptions
    @Argument(help: "The runner's name.") var name: String
    @Option(help: "A label beside self-hosted, the system and the architecture.") var label: [String] = []
    @Option(help: "The group that the runner belongs to.") var group: String?

    mutating func run() async throws {
        var registration = RunnerRegistration(name: name, labels: label, scope: try owner.scope())
        registration.group = group
        let services = try await Database.open(options.database)
        let made = try await services.runners.generateJITConfig(registration, by: Caller.principal)
        Standard.errorLine("runner \(made.runner.id)")
        Standard.line(made.encoded)
        await services.backend.close()
    }
}
