/// The types of contexts at a place of a workflow.
struct LintContexts {
    private let workflow: Workflow
    private let shared: [String: LintType]
    /// By lower-case id of a job.
    private let outputs: [String: LintType]

    init(_ workflow: Workflow) {
        self.workflow = workflow
        var shared: [String: LintType] = ["github": Self.github(workflow), "inputs": Self.inputs(workflow)]
        shared["env"] = .object(LintObject(rest: .string))
        shared["vars"] = .object(LintObject(rest: .string))
        shared["secrets"] = Self.secrets(workflow)
        self.shared = shared
        self.outputs = Dictionary(workflow.jobs.map { ($0.id.lowercased(), Self.outputs(of: $0)) }) { first, _ in first
        }
    }

    /// For the file's own keys.
    var file: [String: LintType] { shared }

    /// For the outputs of `workflow_call`.
    var call: [String: LintType] {
        var contexts = shared
        contexts["jobs"] = .strict(workflow.jobs.map { ($0.id, .strict([("outputs", Self.outputs(of: $0))])) })
        return contexts
    }

    /// For the keys of a job; steps come later, one after the other.
    func job(_ job: Job) -> [String: LintType] {
        var contexts = shared
        contexts["needs"] = .strict(
            job.needs.compactMap { need in
                outputs[need.id.lowercased()].map { (need.id, .strict([("outputs", $0), ("result", .string)])) }
            })
        contexts["matrix"] = matrix(job.strategy?.matrix, contexts)
        return contexts
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
        else { return .object(LintObject(rest: .string)) }
        let always = ["GITHUB_TOKEN", "ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"]
        return .strict((call.secrets.map(\.name) + always).map { ($0, .string) })
    }

    private static func github(_ workflow: Workflow) -> LintType {
        var event = LintObject(rest: .any)
        if workflow.triggers.contains(where: { $0.event == "workflow_dispatch" }) {
            event["inputs"] = .strict(workflow.dispatchInputs.map { ($0.name, .string) })
        }
        var github = LintObject(rest: .any)
        for name in texts { github[name] = .string }
        github["ref_protected"] = .boolean
        github["event"] = .object(event)
        return .object(github)
    }

    /// "Contexts", github context: the properties that are strings.
    private static let texts = [
        "action", "action_path", "action_ref", "action_repository", "action_status", "actor", "actor_id", "api_url",
        "base_ref", "env", "event_name", "event_path", "graphql_url", "head_ref", "job", "path", "ref", "ref_name",
        "ref_type", "repository", "repository_id", "repository_owner", "repository_owner_id", "repositoryurl",
        "retention_days", "run_id", "run_number", "run_attempt", "secret_source", "server_url", "sha", "token",
        "triggering_actor", "workflow", "workflow_ref", "workflow_sha", "workspace",
    ]

    // MARK: - Matrix

    private func matrix(_ token: TemplateToken?, _ contexts: [String: LintType]) -> LintType {
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

    private func type(of token: TemplateToken, _ contexts: [String: LintType]) -> LintType {
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
