/// The parsed template of a workflow file as JSON, in the form of GitHub's cross-language parser tests: `jobs` and
/// what else the file sets, or `errors`.
public struct WorkflowTemplate: Sendable {
    /// The JSON text, 2 spaces, one member a line.
    public let json: String
    /// Whether it is the form with `errors`.
    public let hasErrors: Bool

    /// - Parameter called: the texts of called workflows, by what `uses` names.
    public init(
        _ text: String, file: String, options: TemplateOptions = TemplateOptions(), called: [String: String] = [:]
    ) {
        var builder = TemplateBuilder(options: options, called: called)
        let value = builder.build(text, file: file)
        hasErrors = !builder.errors.isEmpty
        var writer = JSONWriter(pretty: true, exactNumbers: true)
        writer.write(hasErrors ? Self.object([("errors", Self.list(builder.errors))]) : value)
        json = String(decoding: writer.out, as: UTF8.self)
    }

    /// At most 10, each at most 500 characters.
    private static func list(_ errors: [String]) -> ExpressionValue {
        .array(
            ExpressionArray(
                errors.prefix(10).map { message in
                    let text = message.count > 500 ? message.prefix(500) + "[...]" : message[...]
                    return object([("Message", .string(String(text)))])
                }))
    }

    static func object(_ pairs: [(String, ExpressionValue)]) -> ExpressionValue {
        .object(ExpressionObject(pairs, caseSensitive: true))
    }
}

/// Builds the tree of a file and of the files that it calls.
struct TemplateBuilder {
    private let options: TemplateOptions
    private let called: [String: String]
    private var files: [String] = []
    private var parsed: [String: (result: WorkflowParseResult, root: TemplateToken?)] = [:]
    private var jobCount = 0
    private(set) var errors: [String] = []

    init(options: TemplateOptions, called: [String: String]) {
        self.options = options
        self.called = called
    }

    mutating func build(_ text: String, file: String) -> ExpressionValue {
        let (result, root) = parse(text, file, isRoot: true)
        guard let workflow = result.workflow, let root else {
            report(result.diagnostics)
            return .null
        }
        var members: [(String, ExpressionValue)] = []
        let number = index(of: file)
        let writer = TokenJSON(file: number, includeSource: options.includeSource)
        let jobs = jobs(of: workflow, root, writer, inherited: nil, depth: 0)
        if let types = inputTypes(workflow) { members.append(("input-types", types)) }
        if let permissions = workflow.permissions {
            members.append(("permissions", Self.json(PermissionSet(permissions))))
        }
        for key in ["env", "defaults", "concurrency"] {
            if let token = root[key] { members.append((key, writer.value(token))) }
        }
        members.append(("jobs", jobs))
        if options.includeSource {
            members.append(("file-table", .array(ExpressionArray(files.map { .string($0) }))))
        }
        members.append(("events", EventsJSON.value(root["on"])))
        if options.maximumJobs > 0, jobCount > options.maximumJobs {
            let message = "The workflow may not contain more than \(options.maximumJobs) jobs"
            if !errors.contains(message) { errors.append(message) }
        }
        return WorkflowTemplate.object(members)
    }

    // MARK: - Files

    private func parse(
        _ text: String, _ file: String, isRoot: Bool
    ) -> (result: WorkflowParseResult, root: TemplateToken?) {
        let parser = WorkflowParser(
            requiringTriggers: true, maximumSize: options.maximumFileSize, maximumDepth: options.maximumDepth,
            linting: false)
        return parser.parseTree(text, file: file)
    }

    private mutating func index(of file: String) -> Int {
        if let at = files.firstIndex(of: file) { return at + 1 }
        files.append(file)
        return files.count
    }

    private mutating func report(_ diagnostics: [Diagnostic]) {
        for diagnostic in diagnostics where diagnostic.severity == .error {
            let position = diagnostic.position
            let place = diagnostic.isFileWide ? "" : " (Line: \(position.line), Col: \(position.column))"
            errors.append("\(diagnostic.file)\(place): \(diagnostic.message)")
        }
    }

    // MARK: - Jobs

    private mutating func jobs(
        of workflow: Workflow, _ root: TemplateToken, _ writer: TokenJSON, inherited: Permissions?, depth: Int
    ) -> ExpressionValue {
        var values: [ExpressionValue] = []
        let pairs = root["jobs"]?.pairs ?? []
        for (job, pair) in zip(workflow.jobs, pairs) {
            jobCount += 1
            let permissions = WorkflowCallCheck.permissions(of: job, in: workflow, inherited: inherited)
            var members = JobJSON(writer: writer).common(job, pair.key, pair.value)
            switch job.body {
            case .steps(let steps):
                if let permissions { members.append(("permissions", Self.json(PermissionSet(permissions)))) }
                members += JobJSON(writer: writer).body(steps, pair.value)
            case .call(let call):
                members += callee(job, call, pair.value, workflow, writer, inherited: inherited, depth: depth)
            }
            values.append(WorkflowTemplate.object(members))
        }
        return .array(ExpressionArray(values))
    }

    private mutating func callee(
        _ job: Job, _ call: WorkflowCall, _ token: TemplateToken, _ caller: Workflow, _ writer: TokenJSON,
        inherited: Permissions?, depth: Int
    ) -> [(String, ExpressionValue)] {
        var members: [(String, ExpressionValue)] = []
        if let uses = token["uses"] { members.append(("ref", writer.value(uses))) }
        if let with = token["with"] { members.append(("input-values", writer.value(with))) }
        if let secrets = call.secrets { members.append(("secret-values", writer.value(secrets))) }
        if call.inheritsSecrets { members.append(("inherit-secrets", .boolean(true))) }
        let allowed = WorkflowCallCheck.permissions(of: job, in: caller, inherited: inherited)
        guard let (workflow, root, number) = load(call, caller, depth) else { return members }
        let check = WorkflowCallCheck(policy: options.policy)
        report(check.check(job, in: caller, calling: workflow, inherited: inherited))
        let permissions = workflow.permissions ?? allowed
        if let permissions { members.append(("permissions", Self.json(PermissionSet(permissions)))) }
        let inner = TokenJSON(file: number, includeSource: options.includeSource)
        let interface = root["on"]?["workflow_call"]
        if let inputs = interface?["inputs"] { members.append(("input-definitions", inner.value(inputs))) }
        if let secrets = interface?["secrets"] { members.append(("secret-definitions", inner.value(secrets))) }
        if let outputs = interface?["outputs"] { members.append(("outputs", inner.value(outputs))) }
        for key in ["env", "defaults"] {
            if let value = root[key] { members.append((key, inner.value(value))) }
        }
        members.append(("jobs", jobs(of: workflow, root, inner, inherited: permissions, depth: depth + 1)))
        return members
    }

    /// The called workflow; nil with an error, or where its text was not given.
    private mutating func load(
        _ call: WorkflowCall, _ caller: Workflow, _ depth: Int
    ) -> (Workflow, TemplateToken, Int)? {
        guard let text = called[call.uses] else { return nil }
        if depth >= options.maximumCallDepth {
            let message = "Nested reusable workflow depth exceeded \(options.maximumCallDepth)."
            if !errors.contains(message) { errors.append(message) }
            return nil
        }
        let number = index(of: call.uses)
        if number > options.maximumCalledFiles + 1 {
            let message = "The workflow may not call more than \(options.maximumCalledFiles) workflows"
            if !errors.contains(message) { errors.append(message) }
            return nil
        }
        // The tree grows with every call; the count of jobs bounds it.
        let most = options.maximumJobs > 0 ? options.maximumJobs : CallLimits.jobs
        if jobCount > most {
            let message = "The workflow may not contain more than \(most) jobs"
            if !errors.contains(message) { errors.append(message) }
            return nil
        }
        let known = parsed[call.uses]
        let (result, root) = known ?? parse(text, call.uses, isRoot: false)
        parsed[call.uses] = (result, root)
        guard let workflow = result.workflow, let root else {
            if known == nil { report(result.diagnostics) }
            return nil
        }
        return (workflow, root, number)
    }

    // MARK: - Small parts

    private func inputTypes(_ workflow: Workflow) -> ExpressionValue? {
        guard let inputs = workflow.call?.inputs, !inputs.isEmpty else { return nil }
        return WorkflowTemplate.object(inputs.map { ($0.name, .string($0.type.rawValue)) })
    }

    /// Scopes with access, `none` left out.
    private static func json(_ permissions: PermissionSet) -> ExpressionValue {
        WorkflowTemplate.object(permissions.granted.map { ($0.scope, .string($0.level.rawValue)) })
    }
}
