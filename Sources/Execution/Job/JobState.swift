internal import Masking
internal import Model
internal import Services
internal import Synchronization
internal import WorkflowSyntax

/// What the steps of one job share while it runs.
final class JobState {
    let message: JobMessage
    let host: HostSettings
    let paths: JobPaths
    let reporter: JobReporter
    let masker: SharedMasker
    let matchers = ProblemMatchers()
    let stop: StopSignal
    let secrets: [String: String]
    let trackingID: String
    /// Variables of the workflow and the job, and those that steps set through `GITHUB_ENV`.
    var environment = Environment()
    /// What every process gets: the host's variables, `GITHUB_*`, `RUNNER_*`.
    let base: [String: String]
    /// Entries that steps added to `PATH`, the latest first.
    private(set) var addedPaths: [String] = []
    /// The scope of the job's own steps, once they are done.
    var scope: StepScope?
    /// Command files that no step wrote to.
    var spareFiles: StepFiles?
    private var shells: [String: Shell] = [:]
    var posts: [PostStep] = []
    /// What the pre files of actions saved, by the context name of their step.
    var savedStates: [String: [(String, String)]] = [:]
    /// What the steps wrote to their summaries, masked, by number: those of an action's steps are one.
    private var summaries: [Int64: String] = [:]
    /// Names of variables that the audit log has, each once.
    private var toldVariables: Set<String> = []
    private static let toldVariableLimit = 100
    /// Steps that were begun, for numbers.
    var stepCount: Int64 = 0
    private let fixedContexts: [String: ExpressionValue]
    private let github: [(String, ExpressionValue)]
    private let githubPlain: ExpressionValue
    private let runnerContext: ExpressionValue

    init(
        message: JobMessage, host: HostSettings, paths: JobPaths, reporter: JobReporter, masker: SharedMasker,
        stop: StopSignal, secrets: [String: String], trackingID: String
    ) {
        self.message = message
        self.host = host
        self.paths = paths
        self.reporter = reporter
        self.masker = masker
        self.stop = stop
        self.secrets = secrets
        self.trackingID = trackingID
        var contexts = message.contexts
        contexts["secrets"] = .object(ExpressionObject(secrets.map { ($0.key, ExpressionValue.string($0.value)) }))
        fixedContexts = contexts
        github = HostContext.github(message, paths: paths, token: secrets["GITHUB_TOKEN"] ?? "")
        githubPlain = .object(ExpressionObject(github))
        let runner = HostContext.runner(host, paths: paths)
        runnerContext = .object(ExpressionObject(runner.map { ($0.0, .string($0.1)) }))
        base = HostContext.variables(host, github: github, runner: runner, trackingID: trackingID)
    }

    /// A shell, looked up on `PATH` once.
    func shell(_ name: String?, searchPath: String) throws(ExecutionError) -> Shell {
        let key = "\(name ?? "")\n\(searchPath)"
        if let known = shells[key] { return known }
        let shell = try Shell(name, searchPath: searchPath)
        shells[key] = shell
        return shell
    }

    /// The contexts of a step's expressions. `environment` is the `env` context.
    func context(_ scope: StepScope, environment: Environment) -> ExpressionContext {
        var values = fixedContexts
        values["github"] = githubContext(scope)
        values["runner"] = runnerContext
        values["env"] = environment.context
        values["steps"] = scope.stepsContext
        values["job"] = .object(ExpressionObject([("status", .string(jobStatus.rawValue))]))
        if let inputs = scope.inputs { values["inputs"] = inputs }
        return ExpressionContext(values: values, functions: functions(scope))
    }

    /// Where an action of a step lies. Throws ``ExecutionError`` for what this host does not have: also a copy of the
    /// repository that holds the called workflow, as in a re-run that was not told where it is.
    func location(of uses: String, in scope: StepScope) throws(ExecutionError) -> ActionLocation {
        var holder = scope.action
        if holder == nil, uses.hasPrefix("$/"), let remote = RemoteReference(file: message.workflow.file) {
            holder = ActionFolder(of: message.workflow.file, host.localRepositories)
            if holder == nil {
                throw ExecutionError(
                    "\(uses): there is no copy here of the repository that holds the workflow; give one with "
                        + "--local-repository \(remote.repository)@\(remote.ref)=DIR")
            }
        }
        return try ActionLocation.resolve(
            uses, workspace: paths.workspace, localRepositories: host.localRepositories, in: holder)
    }

    /// Read as who runs the steps: they may have made it.
    func manifest(of action: ActionFolder) throws(ExecutionError) -> ActionManifest {
        try host.user.perform { () throws(ExecutionError) in try ActionManifestFile.load(action) }
    }

    private func githubContext(_ scope: StepScope) -> ExpressionValue {
        var own: [(String, ExpressionValue)] = []
        if !scope.current.isEmpty { own.append(("action", .string(scope.current))) }
        if let action = scope.action {
            own += [
                ("action_path", .string(action.path)), ("action_repository", .string(action.repository ?? "")),
                ("action_ref", .string(action.reference ?? "")),
                ("action_status", .string(scope.status.rawValue)),
            ]
        }
        return own.isEmpty ? githubPlain : .object(ExpressionObject(github + own))
    }

    /// `job.status`: cancelled once the job was told to stop.
    var jobStatus: StepConclusion = .success

    private func functions(_ scope: StepScope) -> [String: ExpressionContext.Function] {
        let status = scope.isAction ? scope.status : jobStatus
        let isCancelled = jobStatus == .cancelled
        let workspace = paths.workspace
        let user = host.user
        return [
            "always": { (_) throws(ExpressionError) in .boolean(true) },
            "cancelled": { (_) throws(ExpressionError) in .boolean(isCancelled) },
            "success": { (_) throws(ExpressionError) in .boolean(!isCancelled && status == .success) },
            "failure": { (_) throws(ExpressionError) in .boolean(!isCancelled && status == .failure) },
            "hashfiles": { (arguments) throws(ExpressionError) in
                .string(
                    try user.perform { () throws(ExpressionError) in
                        try FileHash.evaluate(arguments, workspace: workspace)
                    })
            },
        ]
    }

    /// Adds to the summary of the step that runs, and reports it.
    /// False when the step's summary would become too large, by its parts together or as it is masked and repaired;
    /// it stays as it was then.
    func addSummary(_ content: [UInt8]) -> Bool {
        let text = (summaries[stepCount] ?? "") + masker.mask(String(decoding: content, as: UTF8.self))
        guard text.utf8.count <= StepFiles.summaryLimit else { return false }
        summaries[stepCount] = text
        reporter.add(.summary(step: stepCount, content: text))
        return true
    }

    /// Whether a variable is the runner's own: no step and no `env` changes it.
    func isOwn(_ name: String) -> Bool {
        guard name.hasPrefix("GITHUB_") || name.hasPrefix("RUNNER_") else { return false }
        return base[name] != nil || StepFiles.Kind.allCases.contains { $0.variable == name }
    }

    /// For the audit log: that a step set a variable that decides what runs, or was refused it.
    func tellVariable(_ name: String, isRefused: Bool) {
        let name = masker.mask(name)
        guard toldVariables.count < Self.toldVariableLimit, toldVariables.insert(name).inserted else { return }
        reporter.add(.variable(step: stepCount, name: name, isRefused: isRefused))
    }

    /// A new first entry of `PATH`; one that was added before moves to the front.
    func addPath(_ path: String) {
        // What sets up a tool for later steps has no other way.
        if host.isStrict { tellVariable("GITHUB_PATH", isRefused: false) }
        addedPaths.removeAll { $0 == path }
        addedPaths.insert(path, at: 0)
    }

    /// The job's `env` context outside of any step's own.
    func environment(_ scope: StepScope) -> Environment {
        var merged = environment
        merged.merge(scope.environment)
        return merged
    }
}
