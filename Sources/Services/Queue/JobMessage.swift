public import Model
public import WorkflowSyntax

/// Everything that a runner needs to execute a job. It holds data only, so that a runner of another process can be
/// given the same.
public struct JobMessage: Sendable {
    public var assignment: JobAssignment
    public var execution: JobExecution
    public var run: WorkflowRun
    public var attempt: Int64
    public var repository: Repository
    /// The workflow that has the job: of a called workflow's job, the callee.
    public var workflow: Workflow
    public var job: Job
    public var steps: StepsJob
    /// `github` as far as the server knows it, and `needs`, `inputs`, `vars`, `matrix`, `strategy`.
    public var github: [(String, ExpressionValue)]
    public var contexts: [String: ExpressionValue]
    /// How secrets pass from the run to this job, outermost call first.
    public var secretPassing: [SecretPassing]
    /// What the job's token may do.
    public var permissions: PermissionSet

    /// What one call hands to the workflow that it calls.
    public enum SecretPassing: Sendable {
        case inherit
        case none
        /// A mapping, with the caller's contexts.
        case mapped(TemplateToken, contexts: [String: ExpressionValue])

        var isNothing: Bool { if case .none = self { true } else { false } }
    }

    /// The secrets that the job sees. Throws ``TemplateError`` when a mapping cannot be evaluated.
    public func secrets(from root: [String: String]) throws -> [String: String] {
        var secrets = root
        for passing in secretPassing {
            switch passing {
            case .inherit: continue
            case .none: secrets = secrets.filter { $0.key == "GITHUB_TOKEN" }
            case .mapped(let token, let contexts):
                var context = ExpressionContext(values: contexts)
                context.values["secrets"] = .object(
                    ExpressionObject(secrets.map { ($0.key, ExpressionValue.string($0.value)) }))
                var passed = secrets.filter { $0.key == "GITHUB_TOKEN" }
                if case .object(let object) = try token.evaluate(in: context) {
                    for pair in object.pairs { passed[pair.key] = pair.value.text }
                }
                secrets = passed
            }
        }
        return secrets
    }
}
