internal import Execution
internal import Services
internal import WorkflowSyntax

/// What a run needs beyond its own file, found before any step runs: the local workflows that it calls, and everything
/// that this host does not have.
struct Preflight {
    var root: String
    /// `owner/name`, lower-case.
    let repository: String
    var localRepositories: [String: String]
    /// Whether it is asked what this host can run, and what it has of other repositories.
    let asksHost: Bool
    private(set) var called: [String: WorkflowSource] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    init(
        root: String, repository: (owner: String, name: String), localRepositories: [String: String],
        asksHost: Bool = true
    ) {
        self.asksHost = asksHost
        self.root = root
        self.repository = "\(repository.owner)/\(repository.name)".lowercased()
        self.localRepositories = localRepositories
    }

    private var jobCount = 0

    mutating func check(_ workflow: Workflow, jobs: Set<String>) {
        check(workflow, jobs: jobs, inherited: nil, callers: [])
    }

    /// `callers` are the files of the workflows around it, outermost first.
    private mutating func check(
        _ workflow: Workflow, jobs: Set<String>?, inherited: Permissions?, callers: [String]
    ) {
        jobCount += workflow.jobs.count
        for job in workflow.jobs where jobs?.contains(job.id.lowercased()) ?? true {
            switch job.body {
            case .steps(let steps): if asksHost { check(steps, workflow.file) }
            case .call(let call):
                check(call, of: job, in: workflow, inherited: inherited, callers: callers + [workflow.file])
            }
        }
    }

    private mutating func check(_ job: StepsJob, _ file: String) {
        for (key, token) in [("container", job.container), ("services", job.services)] {
            guard let token else { continue }
            report(
                "unsupported-\(key)", "\(key): needs a container engine, which plue does not use yet", file,
                token.position)
        }
        for step in job.steps {
            check(step, file, chain: ActionChain(file: file, localRepositories: localRepositories))
        }
    }

    private mutating func check(_ step: Step, _ file: String, chain: ActionChain) {
        guard case .uses(let uses, let position, let with) = step.action else { return }
        do {
            try ActionCheck.check(uses, root: root, localRepositories: localRepositories, chain: chain) {
                inner, file, chain in
                check(inner, Project.relative(file, to: root), chain: chain)
            }
        } catch {
            report("unsupported-action", error.message, file, position)
        }
        guard uses.lowercased().hasPrefix("actions/checkout@"), let other = with?["repository"],
            let name = other.literalText, !name.isEmpty, name.lowercased() != repository
        else { return }
        report(
            "unsupported-checkout", "actions/checkout of \(name): plue fetches no other repository yet", file,
            other.position)
    }

    private mutating func check(
        _ call: WorkflowCall, of job: Job, in caller: Workflow, inherited: Permissions?, callers: [String]
    ) {
        let path = call.file(from: caller.file)
        if let first = callers.firstIndex(of: path) {
            let circle = (callers[first...] + [path]).joined(separator: " → ")
            return report(
                "call-cycle", "workflows call each other in a circle: \(circle)", caller.file, call.usesPosition)
        }
        guard callers.count < CallLimits.depth else {
            return report(
                "call-depth", "workflows may call each other \(CallLimits.depth) levels deep", caller.file,
                call.usesPosition)
        }
        guard jobCount <= CallLimits.jobs else {
            if diagnostics.contains(where: { $0.code == "job-limit" }) { return }
            return report(
                "job-limit", "a run has at most \(CallLimits.jobs) jobs", caller.file, call.usesPosition)
        }
        guard let source = load(path, call, caller.file) else { return }
        let permissions = WorkflowCallCheck.permissions(of: job, in: caller, inherited: inherited)
        diagnostics += WorkflowCallCheck().check(job, in: caller, calling: source.workflow, inherited: inherited)
        check(source.workflow, jobs: nil, inherited: permissions, callers: callers)
    }

    private mutating func load(_ path: String, _ call: WorkflowCall, _ caller: String) -> WorkflowSource? {
        if let known = called[path] { return known }
        guard called.count < CallLimits.files else {
            report("call-limit", "a run may call \(CallLimits.files) files", caller, call.usesPosition)
            return nil
        }
        var (repository, place) = (root, "\(root)/\(path)")
        if let remote = RemoteReference(file: path) {
            guard let folder = remote.folder(among: localRepositories) else {
                guard asksHost else { return nil }
                report(
                    "unsupported-call",
                    "\(call.uses): plue does not fetch workflows of other repositories yet; give a local copy with "
                        + "--local-repository \(remote.repository)@\(remote.ref)=DIR", caller, call.usesPosition)
                return nil
            }
            (repository, place) = (folder, "\(folder)/\(remote.path)")
        }
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.bytes(place, limit: 1 << 20 + 1, of: repository)
        } catch {
            let reason = Files.exists(place) ? error.message : "there is no such workflow"
            report("call-missing", "\(call.uses): \(reason)", caller, call.usesPosition)
            return nil
        }
        let result = WorkflowParser(linting: false).parse(bytes: bytes, file: path)
        diagnostics += result.diagnostics.filter { $0.severity == .error }
        guard let workflow = result.workflow else { return nil }
        let source = WorkflowSource(path: path, text: String(decoding: bytes, as: UTF8.self), workflow: workflow)
        called[path] = source
        return source
    }

    private mutating func report(_ code: String, _ message: String, _ file: String, _ position: SourcePosition) {
        diagnostics.append(Diagnostic(code: code, message: message, file: file, at: position))
    }
}
