internal import Execution
internal import Services
internal import WorkflowSyntax

/// What an event makes run here: a pure function of the repository, the event and the options. It starts no process but
/// git.
struct RunPlan {
    /// A workflow that runs.
    struct Entry {
        var source: WorkflowSource
        /// The body of `github.event`.
        var payload: ExpressionValue
        var inputs: ExpressionValue
        var selection: RunSelection
        /// By lower-case job id.
        var forecasts: [String: JobForecast]
    }

    /// A workflow that does not, and why.
    struct Skipped {
        var file: String
        var reason: String
    }

    var git: Git
    var event: String
    var ref: String
    var payload: ExpressionValue
    /// The user gave it, and it means what it says.
    var hasGivenPayload: Bool
    var actor: String
    /// The `vars` context.
    var variables: ExpressionValue
    var entries: [Entry] = []
    var skipped: [Skipped] = []
    var called: [WorkflowSource] = []
    /// Errors: nothing runs.
    var diagnostics: [Diagnostic] = []

    static func make(_ options: RunOptions) async throws -> RunPlan {
        let directory = Directories.absolute(options.directory ?? ".")
        guard Files.isDirectory(directory) else {
            throw CommandError(ExitStatus.usage, "\(directory): there is no such folder")
        }
        let git = try await Git.read(directory)
        let project = try Project.read(
            root: git.root, path: options.workflows.map { Self.place($0, directory, git.root) })
        let event = options.event ?? "push"
        if let refusal = EventNames.refusal(of: event) { throw CommandError(ExitStatus.usage, refusal) }
        if event != "workflow_dispatch", !options.input.isEmpty || options.inputFile != nil {
            let option = options.input.isEmpty ? "--input-file" : "--input"
            Standard.errorLine("plue: \(option) has no effect: inputs are of workflow_dispatch, not of \(event)")
        }
        let given = try options.eventPath.map(Self.payload)
        let actor = options.actor ?? Caller.user
        let ref = try EventRef(option: options.ref, event: event, payload: given, git: git)
        let inputs = try NamedValues.arguments(options.input, "--input")
        let inputFile = try NamedValues.file(options.inputFile, standard: ".input", in: directory)
        let readsCommit =
            given == nil && project.sources.contains { EventPayload.readsCommit(event, $0.text) }
        let made = EventPayload(
            git: git, ref: ref, actor: actor, commit: readsCommit ? try await git.headCommit() : nil
        ).make(event)
        var plan = RunPlan(
            git: git, event: event, ref: ref.name, payload: Self.merge(made, given), hasGivenPayload: given != nil,
            actor: actor,
            variables: try Self.variables(options, git))
        plan.diagnostics = project.errors
        let needsFiles = project.sources.contains { source in
            source.workflow.triggers.contains { $0.event == event && ($0.paths != nil || $0.pathsIgnore != nil) }
        }
        let files =
            needsFiles ? try await git.changedFiles(of: event, given, defaultBranch: ref.defaultBranch) : nil
        try plan.choose(project, options, inputs, inputFile, files)
        try plan.refuseUnknownKeys(of: options.matrix)
        plan.preflight(try Self.localRepositories(options.host.localRepository))
        return plan
    }

    /// `-W` is relative to the folder of `-C`; a path that is not there is tried from the top of the repository.
    static func place(_ path: String, _ directory: String, _ root: String) -> String {
        let own = Files.normalize(path, in: directory)
        return Files.exists(own) ? own : Files.normalize(path, in: root)
    }

    private mutating func choose(
        _ project: Project, _ options: RunOptions, _ inputs: [(String, String)], _ inputFile: [(String, String)],
        _ files: [String]?
    ) throws {
        let matrix = try Self.matrix(options.matrix)
        for source in project.sources {
            var body = EventPayload.adapted(payload, of: event, to: source.workflow, isGiven: hasGivenPayload)
            var happened = TriggerEvent(event, payload: body, ref: ref, changedFiles: files)
            // Who types the command wants a run, whatever the message of the last commit says.
            if !hasGivenPayload { happened.commitMessage = nil }
            if case .skipped(let reason) = TriggerMatch(happened, source.workflow) {
                skipped.append(Skipped(file: source.path, reason: reason))
                continue
            }
            if event == "push", !ref.hasPrefix("refs/"), Self.filtersRefs(source.workflow) {
                let reason = "HEAD is detached, on no branch or tag: give --ref refs/heads/NAME"
                skipped.append(Skipped(file: source.path, reason: reason))
                continue
            }
            let jobs = options.job.isEmpty ? nil : options.job
            if let jobs, !jobs.contains(where: { source.workflow.job($0) != nil }) {
                skipped.append(Skipped(file: source.path, reason: "it has no job \(jobs.joined(separator: ", "))"))
                continue
            }
            var values = ExpressionValue.object(ExpressionObject([]))
            if event == "workflow_dispatch" {
                var bodyInputs: [(String, String)] = []
                if case .object(let object)? = body.value(at: "inputs") {
                    bodyInputs = object.pairs.map { ($0.key, $0.value.text) }
                }
                // A body or a file serves all workflows: what one of them does not declare is not meant for it.
                let declared = (bodyInputs + inputFile).filter { name, _ in
                    source.workflow.dispatchInputs.contains { $0.name.lowercased() == name.lowercased() }
                }
                guard let typed = dispatchInputs(declared + inputs, of: source.workflow) else { continue }
                values = .object(typed)
                // `github.event.inputs` holds texts, defaults included.
                let texts = typed.pairs.map { ($0.key, ExpressionValue.string($0.value.text)) }
                body = body.setting(.object(ExpressionObject(texts)), at: ["inputs"])
            }
            let selection = RunSelection(jobs: jobs, matrix: matrix)
            let forecasts = JobForecast.make(
                source.workflow, selection, in: context(body, values),
                hostLabels: try HostSetup.labels(options.host))
            if !matrix.isEmpty, forecasts.values.allSatisfy({ $0.verdict == .skip }) {
                skipped.append(Skipped(file: source.path, reason: "no leg is chosen by --matrix"))
                continue
            }
            entries.append(
                Entry(
                    source: source, payload: body, inputs: values, selection: selection, forecasts: forecasts))
        }
    }

    /// Whether pushes run it for some branches or tags only.
    private static func filtersRefs(_ workflow: Workflow) -> Bool {
        workflow.triggers.filter { $0.event == "push" }.allSatisfy { trigger in
            [trigger.branches, trigger.branchesIgnore, trigger.tags, trigger.tagsIgnore].contains { $0 != nil }
        }
    }

    /// What a job's `if` sees before the run is there.
    private func context(_ payload: ExpressionValue, _ inputs: ExpressionValue) -> ExpressionContext {
        let (owner, name) = git.repositoryName
        let isPullRequest = event.hasPrefix("pull_request")
        let github = ExpressionObject([
            ("event_name", .string(event)), ("ref", .string(ref)), ("event", payload),
            ("sha", .string(git.commit ?? Git.noCommit)), ("actor", .string(actor)),
            ("repository", .string("\(owner)/\(name)")), ("repository_owner", .string(owner)),
            ("ref_name", .string(ref.split(separator: "/", maxSplits: 2).last.map(String.init) ?? ref)),
            ("ref_type", .string(ref.hasPrefix("refs/tags/") ? "tag" : "branch")),
            ("head_ref", .string(isPullRequest ? payload.text(at: "pull_request", "head", "ref") ?? "" : "")),
            ("base_ref", .string(isPullRequest ? payload.text(at: "pull_request", "base", "ref") ?? "" : "")),
        ])
        return ExpressionContext(values: ["github": .object(github), "inputs": inputs, "vars": variables])
    }

    private static func variables(_ options: RunOptions, _ git: Git) throws -> ExpressionValue {
        let values =
            try NamedValues.file(options.varFile, standard: ".vars", in: git.root)
            + NamedValues.arguments(options.variable, "--var")
        return .object(ExpressionObject(values.map { ($0.0, .string($0.1)) }))
    }

    /// Nil, with a diagnostic, when they do not fit what the workflow declares.
    private mutating func dispatchInputs(_ given: [(String, String)], of workflow: Workflow) -> ExpressionObject? {
        do {
            return try InputValues.dispatched(
                Dictionary(given, uniquingKeysWith: { _, last in last }), for: workflow.dispatchInputs)
        } catch {
            let trigger = workflow.triggers.first { $0.event == event }
            diagnostics.append(
                Diagnostic(
                    code: "invalid-input", message: error.message, file: workflow.file,
                    at: trigger?.position ?? SourcePosition(line: 1, column: 1)))
            return nil
        }
    }

    private mutating func preflight(_ localRepositories: [String: String]) {
        var check = Preflight(root: git.root, repository: git.repositoryName, localRepositories: localRepositories)
        for entry in entries {
            // What a skipped job would need is no reason to refuse the run.
            let jobs = entry.forecasts.filter { $0.value.verdict != .skip }.map(\.key)
            check.check(entry.source.workflow, jobs: Set(jobs))
        }
        diagnostics += check.diagnostics
        called = check.called.values.sorted { $0.path < $1.path }
    }

    private static func payload(_ path: String) throws -> ExpressionValue {
        let file = Directories.absolute(path)
        guard let bytes = try InputFile.bytes(file, limit: InputFile.payloadLimit) else {
            throw CommandError(ExitStatus.usage, "\(file): there is no such file")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            let value = try ExpressionValue(json: text)
            guard case .object = value else { throw CommandError(ExitStatus.usage, "\(file): expected a JSON object") }
            return value
        } catch let error as ExpressionError {
            throw CommandError(ExitStatus.usage, "\(file): \(error.message)")
        }
    }

    /// The user's body, completed by what the repository tells.
    private static func merge(_ made: ExpressionValue, _ given: ExpressionValue?) -> ExpressionValue {
        guard case .object(let given)? = given, case .object(let made) = made else { return given ?? made }
        let kept = made.pairs.filter { ["repository", "sender"].contains($0.key) && given[$0.key] == nil }
        return .object(ExpressionObject(given.pairs.map { ($0.key, $0.value) } + kept.map { ($0.key, $0.value) }))
    }

    private static func matrix(_ arguments: [String]) throws -> [String: [String]] {
        var matrix: [String: [String]] = [:]
        for argument in arguments {
            guard let colon = argument.firstIndex(of: ":"), colon != argument.startIndex else {
                throw CommandError(ExitStatus.usage, "--matrix \(argument): expected KEY:VALUE")
            }
            matrix[String(argument[..<colon]), default: []].append(String(argument[colon...].dropFirst()))
        }
        return matrix
    }

    /// A key of `--matrix` that no matrix can have chooses nothing: all legs would run.
    private func refuseUnknownKeys(of arguments: [String]) throws {
        var known: [String] = []
        for entry in entries {
            for job in entry.source.workflow.jobs {
                guard let matrix = job.strategy?.matrix else { continue }
                // What an expression brings is not known here.
                guard let keys = Self.keys(of: matrix) else { return }
                known += keys
            }
        }
        if entries.isEmpty { return }
        for key in try Self.matrix(arguments).keys.sorted()
        where !known.contains(where: { $0.lowercased() == key.lowercased() }) {
            let all = Set(known).sorted().joined(separator: ", ")
            let hint = known.isEmpty ? "no job has a matrix" : "known are \(all)"
            throw CommandError(ExitStatus.usage, "--matrix \(key): no matrix has this key; \(hint)")
        }
    }

    /// Those of its legs, as far as the file says them; nil where an expression may bring others.
    private static func keys(of matrix: TemplateToken) -> [String]? {
        guard case .mapping(let pairs) = matrix.kind else { return nil }
        var keys: [String] = []
        for pair in pairs {
            guard let name = pair.key.literalText else { return nil }
            if name.lowercased() == "exclude" { continue }
            guard name.lowercased() == "include" else {
                keys.append(name)
                continue
            }
            guard case .sequence(let items) = pair.value.kind else { return nil }
            for item in items {
                guard case .mapping(let pairs) = item.kind else { return nil }
                for pair in pairs {
                    guard let name = pair.key.literalText else { return nil }
                    keys.append(name)
                }
            }
        }
        return keys
    }

    static func localRepositories(_ arguments: [String]) throws -> [String: String] {
        try NamedValues.folders(arguments, "--local-repository", form: "OWNER/NAME@REF=DIR")
    }
}
