/// Checks beyond GitHub's parser, of a file that GitHub would run: errors are certain mistakes, warnings advice.
struct WorkflowLinter {
    let workflow: Workflow
    let root: TemplateToken
    private let source: SourceLines
    private let contexts: LintContexts
    /// Those of its triggers which run with the repository's rights for strangers.
    let privilegedEvents: [String]
    private var diagnostics: [Diagnostic] = []

    private let zones: (any ZoneSource)?

    init(_ workflow: Workflow, _ root: TemplateToken, text: String, zones: (any ZoneSource)? = nil) {
        self.zones = zones
        self.workflow = workflow
        self.root = root
        self.source = SourceLines(text)
        self.contexts = LintContexts(workflow)
        self.privilegedEvents = PrivilegedEvents.of(workflow)
    }

    mutating func check() -> [Diagnostic] {
        var triggers = TriggerLint(file: workflow.file, zones: zones)
        triggers.check(workflow, root["on"])
        diagnostics += triggers.diagnostics
        if workflow.triggers.isEmpty, let on = root["on"] {
            report(.noEvents, "No event triggers defined in `on`", at: on.position)
        }
        let file = LintScope(contexts)
        let calls = LintScope(contexts, hasJobs: true)
        for key in ["run-name", "env", "concurrency"] { check(root[key], file) }
        for output in workflow.call?.outputs ?? [] { check(output.value, calls) }
        for input in workflow.call?.inputs ?? [] { check(input.defaultValue, file) }
        let jobs = root["jobs"]?.pairs ?? []
        for (job, pair) in zip(workflow.jobs, jobs) { check(job, pair.value) }
        checkPermissions()
        var ignored = IgnoreComments(source, file: workflow.file)
        return ignored.filter(diagnostics.distinct()).sorted { $0.position < $1.position }
    }

    private static let jobKeys = [
        "name", "runs-on", "env", "environment", "concurrency", "container", "services", "timeout-minutes",
        "cancel-timeout-minutes", "continue-on-error", "with", "secrets", "defaults", "strategy",
    ]

    private mutating func check(_ job: Job, _ token: TemplateToken) {
        let names = LintScope(contexts, job: job)
        for key in Self.jobKeys { check(token[key], names) }
        condition(job.condition, job.conditionPosition, names)
        for key in ["timeout-minutes", "cancel-timeout-minutes"] { checkMinutes(token[key], key) }
        if let most = job.strategy?.maxParallel, case .number(let value) = most.kind, !(value >= 1) {
            report(.number, "'max-parallel' must be a number of at least 1", at: most.position)
        }
        var matrix = MatrixLint(file: workflow.file)
        matrix.check(job.strategy?.matrix)
        diagnostics += matrix.diagnostics
        guard case .steps(let body) = job.body else {
            if case .call(let call) = job.body { checkPin(call.uses, at: call.usesPosition) }
            return
        }
        if body.steps.isEmpty {
            report(
                .noSteps,
                "No steps defined in `steps` and no workflow called in `uses` for the following jobs: \(job.id)",
                at: job.position)
        }
        names.steps = LintObject()
        let events = PrivilegedEvents.passing(job.condition, privilegedEvents)
        let environment = [body.env, workflow.env].compactMap(\.self)
        let shell = shell(of: body)
        if let token = body.defaults.shell { untrusted(token, ScriptPlace(environment: environment, shell: shell)) }
        for step in body.steps {
            let place = ScriptPlace(
                environment: [step.env].compactMap(\.self) + environment, shell: shell,
                privilegedEvent: PrivilegedEvents.passing(step.condition, events).first)
            check(step, names, place)
            if let id = step.id { names.steps?[id] = LintContexts.step }
        }
        check(body.outputs, names, isText: true)
        if let url = body.environment?["url"] { check(url, names) }
    }

    private mutating func check(_ step: Step, _ names: LintScope, _ place: ScriptPlace) {
        var place = place
        condition(step.condition, step.conditionPosition, names)
        check(step.name, names, isText: true)
        check(step.env, names, isText: true)
        check(step.continueOnError, names)
        check(step.timeoutMinutes, names)
        checkMinutes(step.timeoutMinutes, "timeout-minutes")
        switch step.action {
        case .run(let script, let shell, let folder):
            check(script, names, isText: true)
            check(shell, names)
            check(folder, names)
            if let shell {
                self.shell(shell)
                place.shell = Self.program(of: shell)
                untrusted(shell, place)
            }
            untrusted(script, place)
            checkSecrets(script: script, place)
            checkCheckout(script: script, place)
            self.script(script)
        case .uses(let action, let position, let with):
            check(with, names, isText: true)
            checkPin(action, at: position)
            checkCheckout(action, with, place)
            if OrdinalText.hasPrefix(action, "actions/github-script@"), let script = Self.input("script", with) {
                place.shell = "node"
                untrusted(script, place)
            }
        }
    }

    private mutating func checkMinutes(_ token: TemplateToken?, _ key: String) {
        guard let token, case .number(let value) = token.kind, !(value > 0 && value.isFinite) else { return }
        report(.number, "'\(key)' must be a number above 0", at: token.position)
    }

    // MARK: - Expressions

    private mutating func check(_ token: TemplateToken?, _ names: LintScope, isText: Bool = false) {
        guard let token else { return }
        switch token.kind {
        case .expression(let expression):
            infer(expression, at: token.position, names, isText: isText || !expression.parts.isEmpty)
        case .sequence(let items):
            for item in items { check(item, names, isText: isText) }
        case .mapping(let pairs):
            for pair in pairs {
                check(pair.key, names)
                if case .insert = pair.key.kind {
                    check(pair.value, names)
                } else if isText, case .expression(let expression) = pair.value.kind, expression.parts.isEmpty {
                    infer(expression, at: pair.value.position, names, isText: true)
                } else {
                    check(pair.value, names, isText: isText)
                }
            }
        default: break
        }
    }

    private mutating func infer(
        _ expression: Expression, at position: SourcePosition, _ names: LintScope, isText: Bool
    ) {
        let parts = expression.embedded
        for index in parts.indices { infer(parts, index, at: position, names, isText: isText) }
    }

    private mutating func infer(
        _ parts: [Expression], _ index: Int, at position: SourcePosition, _ names: LintScope, isText: Bool
    ) {
        var checker = LintTypeChecker(names)
        let type = checker.infer(parts[index].root)
        var isCollection = false
        switch type {
        case .object, .array, .filtered, .null: isCollection = isText
        default: break
        }
        if checker.findings.isEmpty && !isCollection { return }
        let place = place(of: parts, index, from: position)
        for finding in checker.findings {
            report(finding.code, finding.message, at: place, hint: finding.hint)
        }
        if isCollection {
            report(.textOfCollection, "A value of type \(type.name) does not become a useful text", at: place)
        }
    }

    private mutating func condition(
        _ condition: Expression, _ position: SourcePosition?, _ names: LintScope
    ) {
        guard let position else { return }
        if !condition.parts.isEmpty { infer(condition, at: position, names, isText: false) }
        var root = condition.root
        if case .all(let nodes) = root, nodes.count == 2, case .contextual("success", _) = nodes[0] { root = nodes[1] }
        if !condition.parts.isEmpty {
            report(
                .condition,
                "The condition is always true: text around ${{ }} makes it a text that is not empty", .warning,
                at: position)
            return
        }
        var checker = LintTypeChecker(names)
        _ = checker.infer(root)
        for finding in checker.findings {
            report(finding.code, finding.message, at: position, hint: finding.hint)
        }
        let isConstant = !root.contains {
            switch $0 {
            case .context, .contextual: true
            default: false
            }
        }
        if isConstant {
            // Alone, it switches something off for a time.
            let isOff = if case .literal(.boolean(false)) = root { true } else { false }
            report(.condition, "The condition is constant", isOff ? .note : .warning, at: position)
        }
    }

    // MARK: - Scripts

    private mutating func untrusted(_ token: TemplateToken, _ place: ScriptPlace) {
        guard case .expression(let expression) = token.kind else { return }
        let parts = expression.embedded
        for (index, part) in parts.enumerated() {
            if let found = UntrustedInput.first(in: part.root) {
                let verb = found.isWhole ? "holds what anyone can write" : "can be written by anyone"
                report(
                    .untrustedInput,
                    "'\(found.path)' \(verb) and becomes part of a script: pass it as an environment variable",
                    at: self.place(of: parts, index, from: token.position),
                    hint: place.safeForm(found.name, part.source))
                continue
            }
            var held: (name: String, input: UntrustedInput)?
            _ = part.root.firstSource { path in
                guard let variable = place.variable(path), let input = UntrustedInput.first(in: variable.value) else {
                    return false
                }
                held = (variable.key.literalText ?? "", input)
                return true
            }
            guard let held else { continue }
            report(
                .untrustedInput,
                "'env.\(held.name)' is '\(held.input.path)', which anyone can write, and becomes part of a script",
                at: self.place(of: parts, index, from: token.position),
                hint: "\(place.reading(held.name)) in the script")
        }
    }

    private mutating func script(_ token: TemplateToken) {
        guard let text = Self.text(of: token), text.utf8.contains(UInt8(ascii: ":")) else { return }
        for (command, rest) in [
            ("set-output", " name="), ("save-state", " name="), ("set-env", " name="), ("add-path", "::"),
        ] where text.contains("::\(command)\(rest)") {
            report(
                .deprecatedCommand,
                "The workflow command '\(command)' is deprecated: write to its file instead", .warning,
                at: place(of: "::\(command)", from: token.position))
        }
    }

    /// As it stands in the file.
    static func text(of token: TemplateToken) -> String? {
        switch token.kind {
        case .string(let literal): literal
        case .expression(let expression): expression.source
        default: nil
        }
    }

    private mutating func shell(_ token: TemplateToken) {
        guard case .string(let name) = token.kind, !name.contains("{0}") else { return }
        let known = ["bash", "sh", "pwsh", "python", "cmd", "powershell"]
        if !known.contains(name.lowercased()) {
            report(
                .shell, "The shell '\(name)' needs a '{0}' where the script's path goes", .warning, at: token.position)
        }
    }

    /// The language of scripts that name none: by the defaults, or by the machine.
    private func shell(of body: StepsJob) -> String {
        if let shell = body.defaults.shell ?? workflow.defaults.shell { return Self.program(of: shell) }
        let labels = body.runsOn.items.isEmpty ? [body.runsOn] : body.runsOn.items
        return labels.contains { $0.literalText.map { OrdinalText.hasPrefix($0, "windows") } ?? false }
            ? "pwsh" : "bash"
    }

    /// The first word.
    private static func program(of shell: TemplateToken) -> String {
        shell.literalText?.split(separator: " ").first?.lowercased() ?? "bash"
    }

    /// A value of `with`: names of inputs are the same in any case.
    static func input(_ name: String, _ with: TemplateToken?) -> TemplateToken? {
        with?.pairs.first { $0.key.literalText.map { OrdinalText.same($0, name) } ?? false }?.value
    }

    // MARK: - Places

    mutating func report(
        _ code: LintCode, _ message: String, _ severity: Diagnostic.Severity = .error, at position: SourcePosition,
        hint: String? = nil
    ) {
        var diagnostic = Diagnostic(severity, lint: code, message: message, file: workflow.file, at: position)
        diagnostic.hint = hint
        diagnostics.append(diagnostic)
    }

    /// Where a text stands in a scalar of many lines; the scalar's start when it is not found, and after the first
    /// 100 diagnostics. `skipped` times the text stands before.
    func place(of text: String, after skipped: Int = 0, from start: SourcePosition) -> SourcePosition {
        if diagnostics.count >= 100 { return start }
        return source.place(of: text[...], after: skipped, from: start) ?? start
    }

    /// As ``place(of:from:)``, of one of a scalar's expressions: those before it may have the same text.
    func place(of parts: [Expression], _ index: Int, from start: SourcePosition) -> SourcePosition {
        if diagnostics.count >= 100 { return start }
        let text = parts[index].source.prefix { $0 != "\n" }
        let before = parts[..<index].count { $0.source.prefix { $0 != "\n" } == text }
        return source.place(of: text, isExpression: true, after: before, from: start) ?? start
    }
}

extension Expression {
    /// Those that stand in the text, each between `${{` and `}}`.
    var embedded: [Expression] { parts.isEmpty ? [self] : parts }
}
