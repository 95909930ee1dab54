import ArgumentParser
internal import Execution
internal import Glibc
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue run`: runs the workflows that an event triggers, here, with history.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the workflows that an event triggers, on this machine.")

    @OptionGroup var options: RunOptions

    mutating func run() async throws {
        if options.list {
            return try ListCommand.list(
                directory: options.directory, workflows: options.workflows, json: options.display.json,
                after: ScheduleOptions.now)
        }
        if options.graph {
            return try GraphCommand.draw(directory: options.directory, workflows: options.workflows, format: .ascii)
        }
        if options.watch {
            if options.detach { throw Self.isOfThisHost("--watch") }
            let options = options
            return try await WatchLoop.run(Directories.absolute(options.directory ?? ".")) {
                options.dryRun ? try await PlanCommand.show(options) : try await Self.run(options)
            }
        }
        let code = options.dryRun ? try await PlanCommand.show(options) : try await Self.run(options)
        if code != 0 { Glibc.exit(code) }
    }

    private static func run(_ options: RunOptions) async throws -> Int32 {
        async let opening = Database.open(
            options.noHistory ? "sqlite::memory:" : options.database, keys: options.noHistory ? .unused : .offered)
        let plan = try await RunPlan.make(options)
        guard plan.diagnostics.isEmpty else { return refuse(plan.diagnostics, options) }
        guard !plan.entries.isEmpty else {
            for skipped in plan.skipped { Standard.errorLine("\(skipped.file): \(skipped.reason)") }
            throw CommandError(ExitStatus.nothingMatched, "no workflow runs on \(plan.event)")
        }
        if options.detach { try refuseDetached(plan, options) }
        if !options.detach, options.priority != 0 {
            throw CommandError(ExitStatus.usage, "--priority is of a run that servers execute: give --detach too")
        }
        let services = try await opening
        let principal = Caller.principal
        let repository = try await RepositoryArgument.store(plan.git, services, by: principal)
        if options.detach {
            let runs = try await create(
                plan, repository, runner: nil, priority: options.priority, services, principal)
            for run in runs { Standard.line("\(run)") }
            await services.backend.close()
            return ExitStatus.passed
        }
        let uuid = UniqueName.make()
        let host = try HostSetup.make(options.host, plan.git, uuid: uuid)
        let session = try await RunSession(
            services, uuid: uuid,
            RunSession.Settings(
                host: host, concurrentJobs: try options.host.concurrency(), repository: repository))
        return try await session.use { try await execute(plan, options, session, repository, principal) }
    }

    private static func execute(
        _ plan: RunPlan, _ options: RunOptions, _ session: RunSession, _ repository: Repository,
        _ principal: Principal
    ) async throws -> Int32 {
        let services = session.services
        let display = RunDisplay(services: services, options: options.display, hasHistory: !options.noHistory)
        let following = display.follow()
        let runs = try await create(plan, repository, runner: session.runnerID, services, principal)
        try await session.execute(runs, by: principal)
        services.events.finish()
        await following.value
        if let path = options.junit { try await JUnitReport(services: services).write(runs, to: path) }
        return try await display.conclude(runs)
    }

    private static func isOfThisHost(_ option: String) -> CommandError {
        CommandError(ExitStatus.usage, "\(option) is of a run on this host: a detached run does not have it")
    }

    /// What a server would not see: the run is refused rather than run as another one.
    private static func refuseDetached(_ plan: RunPlan, _ options: RunOptions) throws {
        let host = options.host
        for (option, isGiven) in [
            ("-s", !host.secret.isEmpty), ("--secret-file", host.secretFile != nil),
            ("--env", !host.environment.isEmpty), ("--env-file", host.envFile != nil),
            ("--local-repository", !host.localRepository.isEmpty), ("-P", !host.platform.isEmpty),
            ("--no-history", options.noHistory), ("--junit", options.junit != nil),
            ("--concurrent-jobs", host.concurrentJobs != nil),
        ] where isGiven {
            throw isOfThisHost(option)
        }
        guard plan.git.commit != nil else {
            throw CommandError(ExitStatus.usage, "a detached run is of a commit: there is none yet")
        }
        if plan.git.isDirty {
            Standard.errorLine("plue: the working tree has changes; a detached run is of the commit without them")
        }
    }

    private static func create(
        _ plan: RunPlan, _ repository: Repository, runner: RunnerID?, priority: Int64 = 0, _ services: Services,
        _ principal: Principal
    ) async throws -> [RunID] {
        var runs: [RunID] = []
        for entry in plan.entries {
            var request = RunRequest(
                repository: repository, source: entry.source, called: plan.called, event: plan.event,
                payload: entry.payload.json(pretty: false), inputs: entry.inputs.json(pretty: false),
                variables: plan.variables.json(pretty: false), selection: entry.selection,
                headBranch: plan.ref.hasPrefix("refs/heads/") ? String(plan.ref.dropFirst("refs/heads/".count)) : nil,
                headRef: plan.ref, headSHA: plan.git.commit ?? Git.noCommit, isDirty: plan.git.isDirty && runner != nil,
                actor: plan.actor, runner: runner)
            request.priority = priority
            runs.append(try await services.runs.create(request, by: principal).id)
        }
        return runs
    }

    private static func refuse(_ diagnostics: [Diagnostic], _ options: RunOptions) -> Int32 {
        for diagnostic in diagnostics {
            if options.display.json { Standard.line(NDJSONRenderer.error(diagnostic)) }
            Standard.errorLine(diagnostic.line)
            if let hint = diagnostic.hint { Standard.errorLine("  hint: \(hint)") }
        }
        return ExitStatus.invalidWorkflow
    }
}

extension Diagnostic {
    /// `file:line:col: level: message [code]`
    var line: String {
        // Of someone else's file: nothing in it can change the terminal.
        "\(file.oneLine):\(position.line):\(position.column): \(severity.rawValue): \(message.oneLine) [\(code)]"
    }
}
