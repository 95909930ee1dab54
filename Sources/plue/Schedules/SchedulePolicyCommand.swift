import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue schedule policy`
struct SchedulePolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Say what becomes of occurrences that no server was there for.",
        discussion: """
            skip: nothing, unless they are less than five minutes late. run_once: one run, of the newest (this is what \
            holds when nothing is said). run_all: a run each.
            """)

    @OptionGroup var place: RepositoryOptions
    @Argument(help: "The workflow's file.") var workflow: String
    @Argument(help: "skip, run_once or run_all.") var policy: String

    mutating func run() async throws {
        guard let policy = Schedule.MissedPolicy(rawValue: policy) else {
            throw CommandError(ExitStatus.usage, "policy \(policy): expected skip, run_once or run_all")
        }
        let services = try await Database.open(place.history.database, absent: .empty)
        let repository = try await place.find(services, hint: "; a run of the workflow does that")
        let filename = workflow.contains("/") ? workflow : ".github/workflows/\(workflow)"
        do {
            let found = try await services.workflows.get(filename: filename, in: repository, by: Caller.principal)
            try await services.schedules.setMissedPolicy(policy, of: found.id, by: Caller.principal)
        } catch let error as ServiceError {
            throw CommandError(ExitStatus.usage, "\(error)")
        }
        await services.backend.close()
    }
}
