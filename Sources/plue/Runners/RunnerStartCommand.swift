import ArgumentParser
internal import CWipingHeap
internal import Execution
internal import Glibc
internal import Model
internal import Services
internal import Storage
internal import Synchronization

/// `plue runner start`: a server without HTTP. It executes jobs of any repository of the database, beside any number of
/// others.
struct RunnerStartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Take jobs from the database's queue and execute them on this host until Ctrl-C.",
        discussion: """
            Jobs come from `plue run --detach` and from platforms that embed plue. The first Ctrl-C lets what runs \
            finish, the second ends it. A process that dies loses nothing: its jobs return to the queue when their \
            lease of a minute has ended. Schedules of the database's workflows fire while any server is there.
            """)

    @OptionGroup var options: DatabaseOptions

    @Option(help: "The runner's name (default: this host's).") var name: String?

    @Option(help: "A label beside self-hosted, the system and the architecture (default: ubuntu-latest).")
    var label: [String] = []

    @Option(help: "How many runners the process is, each for one job at a time.") var runners = 1

    @Option(help: "How many jobs each runner executes at once (default: one a core, with more runners: 1).")
    var concurrentJobs: Int?

    @Option(help: "A registration token, which decides whose jobs the runner takes (`plue runner token`).")
    var token: String?

    @Option(help: "The group that the runners belong to.") var group: String?

    @Option(help: "A just-in-time configuration (`plue runner jit`): - for standard input, or @FILE.")
    var jitconfig: String?

    @Flag(help: "Take one job, then end.") var ephemeral = false

    @Option(help: "Where a repository is on this host, OWNER/NAME=DIR (default: where it was run).")
    var repository: [String] = []

    @Option(help: "A local copy of an action's repository, OWNER/NAME@REF=DIR.")
    var localRepository: [String] = []

    @Option(help: "Run steps as this user of the host, out of reach of plue's files; for a server that is root.")
    var user: String?

    @OptionGroup var strictness: StrictnessOptions

    mutating func run() async throws {
        guard (1...1_000).contains(runners) else {
            throw CommandError(ExitStatus.usage, "--runners must be 1 to 1,000")
        }
        guard token == nil || runners == 1 else {
            throw CommandError(ExitStatus.usage, "a registration token is for one runner: leave --runners away")
        }
        let givesOwn = name != nil || group != nil || token != nil || concurrentJobs != nil || !label.isEmpty
        guard jitconfig == nil || !givesOwn && runners == 1 else {
            throw CommandError(
                ExitStatus.usage,
                "--jitconfig says what the runner is: leave --name, --label, --group, --token, --runners and "
                    + "--concurrent-jobs away")
        }
        let config = try jitconfig.map { try JITConfigArgument.read($0) }
        let strictness = strictness
        let jobUser = try user.map { try JobUser(named: $0) }
        let places = try NamedValues.folders(repository, "--repository", form: "OWNER/NAME=DIR")
        let localRepositories = try RunPlan.localRepositories(localRepository)
        let services = try await Database.open(options.database, keys: .proven)
        OwnProcess.ownAllChildren()
        OwnProcess.makeControlGroups()
        // It holds secrets of others, for as long as it lives.
        plue_overwrite_freed_memory()
        let uuid = UniqueName.make()
        let lock = try ServerLock(directory: Directories.runners, uuid: uuid)
        let work = "\(Directories.work)/\(uuid)"
        if let jobUser { try Self.separate(jobUser, from: work, options.database) }
        let trees = CommitTrees(folder: "\(work)/trees", places: places)
        let registered = try await register(services, config)
        let duties = ServerDuties(zones: ZoneDatabase(), checkpoints: Directories.auditCheckpoints) {
            await trees.head(of: $0)
        }
        let server = RunnerServer(runners: registered, services: services, duties: duties, origin: Caller.origin) {
            text in
            Standard.errorLine("plue: \(text.oneLine)")
        } host: { message, runner in
            let tree = try await trees.tree(
                of: message.repository, commit: message.run.headSHA, ref: message.run.headRef)
            var host = HostSettings(
                workDirectory: "\(work)/\(runner.id.rawValue)", toolCache: Directories.tools,
                environment: [:], tree: tree, runnerName: runner.name)
            host.localRepositories = localRepositories
            if let jobUser {
                host.user = jobUser
                host.toolCache = jobUser.toolCache
            }
            host.trackingName = lock.name
            strictness.apply(to: &host, isOwn: false)
            return host
        }
        let labels = registered[0].labels.joined(separator: ", ")
        Standard.errorLine(
            "\(registered.count == 1 ? registered[0].name : "\(registered.count) runners") online, \(labels)")
        let told = Task.detached { await Self.tell(services) }
        Interrupts.watch { count in
            Standard.errorLine(count == 1 ? "finishing what runs; again ends it" : "ending what runs")
            if count == 1 { server.drain() } else { server.stop() }
        }
        var fault: StorageError?
        do {
            try await server.run()
        } catch let error as StorageError {
            fault = error
        }
        Interrupts.unwatch()
        services.events.finish()
        await told.value
        let itself = Principal.system.calling(from: Caller.origin)
        for runner in registered { try? await services.runners.unregister(runner.id, by: itself) }
        Files.remove(work)
        lock.release()
        await services.backend.close()
        if let fault { throw CommandError(ExitStatus.engine, fault.message) }
    }

    /// The user must reach the work folder, and must not read what is plue's own.
    private static func separate(_ user: JobUser, from work: String, _ database: String?) throws {
        try Files.makeDirectory(work)
        try user.checkEnters(work)
        let key = Directories.variable("PLUE_KEY_FILE").map(Directories.absolute) ?? Directories.rootKey
        for path in [key, try Database.file(of: database)].compactMap(\.self) { try user.checkCannotRead(path) }
    }

    private func register(_ services: Services, _ config: String?) async throws -> [Runner] {
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let jobs = ephemeral ? 1 : concurrentJobs ?? (runners == 1 ? cores : 1)
        let capabilities = RunnerCapabilities(
            maxParallelJobs: Int64(jobs), supportedArchitectures: [HostName.architecture], version: Version.number)
        let labels = label.isEmpty ? ["ubuntu-latest"] : label
        let user = Caller.principal
        if let config {
            let runner = try await services.runners.startJIT(config, capabilities: capabilities, by: user)
            return [try await online(runner, services)]
        }
        var registered: [Runner] = []
        for number in 1...runners {
            let own = (name ?? HostName.current) + (runners == 1 ? "" : "-\(number)")
            var registration = RunnerRegistration(name: own, labels: labels, capabilities: capabilities)
            registration.isEphemeral = ephemeral
            registration.group = group
            let runner =
                if let token {
                    try await services.runners.register(registration, token: token, by: user)
                } else {
                    try await services.runners.register(registration, by: user)
                }
            registered.append(try await online(runner, services))
        }
        return registered
    }

    private func online(_ runner: Runner, _ services: Services) async throws -> Runner {
        let itself = Principal(.runner, runner.name).calling(from: Caller.origin)
        return try await services.runners.updateStatus(runner.id, .online, by: itself)
    }

    /// A line a job, as it begins and ends.
    private static func tell(_ services: Services) async {
        for await event in services.events.subscribe() {
            switch event {
            case .jobStarted(let job) where job.kind == .steps:
                Standard.errorLine("▸ run \(job.runID)  \(job.name.oneLine)")
            case .jobFinished(let job, _) where job.kind == .steps && job.startedAt != nil:
                let mark = job.conclusion == .success ? "✓" : job.conclusion?.result == .failure ? "✗" : "–"
                let word = job.conclusion == .success ? "" : "  \(job.statusMessage ?? job.conclusion?.rawValue ?? "")"
                Standard.errorLine("\(mark) run \(job.runID)  \(job.name.oneLine)\(word.oneLine)")
            default: continue
            }
        }
    }
}
