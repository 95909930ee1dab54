/// The types of the contexts of a workflow, each made when an expression first names it.
final class LintContexts {
    private let workflow: Workflow

    init(_ workflow: Workflow) {
        self.workflow = workflow
    }

    /// What is the same in the whole file.
    func shared(_ name: String) -> LintType? {
        switch name {
        case "github": github
        case "inputs": inputs
        case "env", "vars": Self.texts
        case "secrets": secrets
        default: nil
        }
    }

    private lazy var github = Self.github(workflow)
    private lazy var inputs = Self.inputs(workflow)
    private lazy var secrets = Self.secrets(workflow)
    private static let texts = LintType.object(LintObject(rest: .string))

    /// `jobs`, for the outputs of `workflow_call`.
    private(set) lazy var jobs = LintType.strict(
        workflow.jobs.map { ($0.id, .strict([("outputs", Self.outputs(of: $0)), ("result", .string)])) })

    /// By id of a job.
    private lazy var outputs = LintObject(members: workflow.jobs.map { ($0.id, Self.outputs(of: $0)) })

    func needs(of job: Job) -> LintType {
        .strict(
            job.needs.compactMap { need in
                outputs[need.id].map { (need.id, .strict([("outputs", $0), ("result", .string)])) }
            })
    }

    /// What a step with an id leaves in `steps`.
    static let step = LintType.strict([
        ("outputs", .object(LintObject(rest: .string))), ("outcome", .string), ("conclusion", .string),
    ])

    // MARK: - Parts

    private static func outputs(of job: Job) -> LintType {
        guard case .steps(let body) = job.body else { return .object(LintObject(rest: .any)) }
        guard let outputs = body.outputs else { return .strict([]) }
        var names: [(String, LintType)] = []
        for pair in outputs.pairs {
            guard let name = pair.key.literalText else { return .object(LintObject(rest: .string)) }
            names.append((name, .string))
        }
        if case .expression = outputs.kind { return .object(LintObject(rest: .string)) }
        return .strict(names)
    }

    private static func inputs(_ workflow: Workflow) -> LintType {
        var object = LintObject()
        for input in workflow.dispatchInputs + (workflow.call?.inputs ?? []) {
            let type: LintType =
                switch input.type {
                case .boolean: .boolean
                case .number: .number
                case .string, .choice, .environment: .string
                }
            object[input.name] = object[input.name].map { $0.merged(with: type) } ?? type
        }
        return .object(object)
    }

    /// Only a file that nothing but a call starts knows its secrets.
    private static func secrets(_ workflow: Workflow) -> LintType {
        guard let call = workflow.call, !call.secrets.isEmpty,
            workflow.triggers.allSatisfy({ $0.event == "workflow_call" })
        else { return texts }
        let always = ["GITHUB_TOKEN", "ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"]
        return .strict((call.secrets.map(\.name) + always).map { ($0, .string) })
    }

    private static func github(_ workflow: Workflow) -> LintType {
        guard workflow.triggers.contains(where: { $0.event == "workflow_dispatch" }) else { return anyGitHub }
        return github([("inputs", .strict(workflow.dispatchInputs.map { ($0.name, .string) }))])
    }

    private static let anyGitHub = github([])

    private static func github(_ event: [(String, LintType)]) -> LintType {
        var github = githubTexts
        github["ref_protected"] = .boolean
        github["event"] = .object(LintObject(members: event, rest: .any))
        return .object(github)
    }

    private static let githubTexts = LintObject(members: githubTextNames.map { ($0, .string) }, rest: .any)

    /// "Contexts", github context: the properties that are strings.
    private static let githubTextNames = [
        "action", "action_path", "action_ref", "action_repository", "action_status", "actor", "actor_id", "api_url",
        "base_ref", "env", "event_name", "event_path", "graphql_url", "head_ref", "job", "path", "ref", "ref_name",
        "ref_type", "repository", "repository_id", "repository_owner", "repository_owner_id", "repositoryurl",
        "retention_days", "run_id", "run_number", "run_attempt", "secret_source", "server_url", "sha", "token",
        "triggering_actor", "workflow", "workflow_ref", "workflow_sha", "workspace",
    ]

    // MARK: - Matrix

    static func matrix(_ token: TemplateToken?, _ contexts: LintScope) -> LintType {
        guard let token else { return .strict([]) }
        guard case .mapping(let pairs) = token.kind else { return .open }
        var object = LintObject()
        for pair in pairs {
            guard let name = pair.key.literalText else { return .open }
            switch name.lowercased() {
            case "exclude": continue
            case "include":
                guard case .sequence(let items) = pair.value.kind else { return .open }
                for item in items {
                    guard case .mapping = item.kind, case .object(let added) = type(of: item, contexts) else {
                        return .open
                    }
                    object = object.merged(with: added)
                }
            default:
                guard case .sequence(let items) = pair.value.kind else {
                    object[name] = .any
                    continue
                }
                let type = LintType.common(items.map { self.type(of: $0, contexts) })
                object[name] = object[name].map { $0.merged(with: type) } ?? type
            }
        }
        return .object(object)
    }

    private static func type(of token: TemplateToken, _ contexts: LintScope) -> LintType {
        switch token.kind {
        case .null: return .null
        case .boolean: return .boolean
        case .number: return .number
        case .string: return .string
        case .insert: return .any
        case .expression(let expression):
            var checker = LintTypeChecker(contexts)
            return checker.infer(expression.root)
        case .sequence(let items): return .array(LintType.common(items.map { type(of: $0, contexts) }))
        case .mapping(let pairs):
            var object = LintObject()
            for pair in pairs {
                guard let name = pair.key.literalText else { return .open }
                object[name] = type(of: pair.value, contexts)
            }
            return .object(object)
        }
    }
}
