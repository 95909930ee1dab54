import ArgumentParser
internal import Execution

@main
struct Plue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plue",
        abstract: "GitHub Actions on your own machines.",
        discussion: "Without a verb: the state of the repository in five lines.",
        version: Version.text,
        subcommands: [
            RunCommand.self, ListCommand.self, GraphCommand.self, PlanCommand.self, ValidateCommand.self,
            RunsCommand.self, ViewCommand.self, WatchCommand.self, LogsCommand.self, RerunCommand.self,
            CancelCommand.self, ApproveCommand.self, RejectCommand.self, WhyCommand.self, QueueCommand.self,
            ScheduleCommand.self, StatsCommand.self,
            WorkflowCommand.self,
            EvalCommand.self, EnvironmentCommand.self, SecretCommand.self, VariableCommand.self, KeyCommand.self,
            RepositoryCommand.self,
            AccessCommand.self,
            PruneCommand.self, RetentionCommand.self, HoldCommand.self, AuditCommand.self, DatabaseCommand.self,
            BackupCommand.self,
            RestoreCommand.self, DoctorCommand.self, RunnerCommand.self, BenchCommand.self, CompletionCommand.self,
            VersionCommand.self,
        ])

    static func main() async {
        OwnProcess.seal()
        Interrupts.ignoreBrokenPipes()
        // Before there are threads, and whatever the command: no process that it starts has them.
        RootKeySettings.take()
        await Entry.run(Plue.self, arguments: Array(CommandLine.arguments.dropFirst()))
    }

    mutating func run() async throws {
        try await StatusScreen.show()
    }
}
