import ArgumentParser

/// `plue schedule`: the stored schedules, which servers fire.
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Schedules of stored workflows, which servers fire (`plue runner start`): list, policy.",
        subcommands: [ScheduleListCommand.self, SchedulePolicyCommand.self])
}
