import ArgumentParser
internal import Execution
internal import Glibc
internal import Model
internal import Services
internal import Storage

/// `plue rerun`: a new attempt of a run, on this machine or by servers, with the event and workflow of the first.
struct RerunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun", abstract: "Run a run's jobs again, all or those that failed.",
        discussion: """
            Of a run that goes on, jobs that have ended can run again (--failed, --job): what runs goes on beside them, \
            where the run is executed.
            """)

    @Argument(help: "The run's id (default: the newest).") var id: Int64?
    @Flag(help: "Only jobs that failed or were cancelled, and those that depend on them.") var failed = false
    @Option(name: [.short, .customLong("job")], help: "Only this job, by key or name, and those that depend on it.")
    var job: String?
    @Option(name: [.short, .long], help: "Who starts it (default: the user).") var actor: String?
    @Flag(help: "Leave the jobs to servers (`plue runner start`).") var detach = false
    @OptionGroup var history: HistoryOptions
    @OptionGroup var host: HostOptions
    @OptionGroup var display: DisplayOptions

    mutating func run() async throws {
        let services = try await Database.open(history.database, absent: .empty, keys: .offered)
        let summary = try await history.run(id, services)
        let user = actor ?? Caller.user
        if detach || !summary.run.status.isTerminal {
            let run = try await services.runs.rerun(
                summary.run.id, scope, runner: nil, actor: user, by: Caller.principal)
            await services.backend.close()
            return Standard.errorLine(
                "run \(run.id): attempt \(run.latestAttempt) has begun; `\(Hint.command("watch \(run.id)"))` follows it"
            )
        }
        guard Files.isDirectory(summary.repository.location) else {
            throw CommandError(
                ExitStatus.engine, "run \(summary.run.id): its folder \(summary.repository.location) is gone")
        }
        let git = try await Git.read(summary.repository.location)
        Self.warn(of: git, summary.run)
        let uuid = UniqueName.make()
        let settings = try HostSetup.make(host, git, uuid: uuid)
        let session = try await RunSession(
            services, uuid: uuid,
            RunSession.Settings(
                host: settings, concurrentJobs: try host.concurrency(), repository: summary.repository))
        let code = try await session.use { try await execute(summary.run.id, session, user) }
        if code != 0 { Glibc.exit(code) }
    }

    private var scope: RerunScope { job.map { .job($0) } ?? (failed ? .failed : .all) }

    /// Jobs run in the working tree as it is now.
    private static func warn(of git: Git, _ run: WorkflowRun) {
        let isOther = (git.commit ?? Git.noCommit) != run.headSHA
        guard isOther || git.isDirty && !run.isDirty else { return }
        func shown(_ commit: String, _ isDirty: Bool) -> String {
            "\(commit.prefix(7))\(isDirty ? " (dirty)" : "")"
        }
        Standard.errorLine(
            "plue: the working tree is no longer that of the run: it was of \(shown(run.headSHA, run.isDirty)), jobs "
                + "now see \(shown(git.commit ?? Git.noCommit, git.isDirty))")
    }

    private func execute(
        _ id: RunID, _ session: RunSession, _ user: String
    ) async throws -> Int32 {
        let shown = RunDisplay(services: session.services, options: display)
        let following = shown.follow()
        let principal = Caller.principal
        let run = try await session.services.runs.rerun(
            id, scope, runner: session.runnerID, actor: user, by: principal)
        try await session.execute([run.id], by: principal)
        session.services.events.finish()
        await following.value
        return try await shown.conclude([run.id])
    }
}
