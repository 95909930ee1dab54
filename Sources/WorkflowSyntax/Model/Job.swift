/// A job of a workflow: steps of its own, or a call of a reusable workflow.
public struct Job: Sendable {
    public enum Body: Sendable {
        case steps(StepsJob)
        case call(WorkflowCall)
    }

    public var id: String
    public var position: SourcePosition
    public var name: TemplateToken?
    public var needs: [Need]
    /// Always present: GitHub's form, `success()` when the file gives none, wrapped in `success() && (…)` where needed.
    public var condition: Expression
    public var conditionPosition: SourcePosition?
    public var strategy: Strategy?
    public var permissions: Permissions?
    public var concurrency: Concurrency?
    public var body: Body
    /// The mapping as the file gives it.
    public var source: TemplateToken

    public struct Need: Sendable {
        /// As the job that it names spells its id.
        public var id: String
        public var position: SourcePosition
    }
}

/// `strategy`.
public struct Strategy: Sendable {
    /// A mapping or an expression.
    public var matrix: TemplateToken?
    public var failFast: TemplateToken?
    public var maxParallel: TemplateToken?
    public var position: SourcePosition
}

/// The parts of a job that runs steps.
public struct StepsJob: Sendable {
    /// A string, a sequence of strings, a mapping (`group`, `labels`) or an expression.
    public var runsOn: TemplateToken
    public var env: TemplateToken?
    public var defaults: RunDefaults
    public var outputs: TemplateToken?
    public var continueOnError: TemplateToken?
    public var timeoutMinutes: TemplateToken?
    public var cancelTimeoutMinutes: TemplateToken?
    public var environment: TemplateToken?
    public var container: TemplateToken?
    public var services: TemplateToken?
    public var steps: [Step]
}

/// `uses` of a job with what is passed.
public struct WorkflowCall: Sendable {
    /// `./.github/workflows/x.yml`, `$/.github/workflows/x.yml` or `owner/repo/path@ref`.
    public var uses: String
    public var usesPosition: SourcePosition
    /// A mapping.
    public var with: TemplateToken?
    public var inheritsSecrets: Bool
    /// A mapping, when secrets are passed by name.
    public var secrets: TemplateToken?

    /// The called file, as files are named when `caller` is the file that calls: a path of the run's own repository, or
    /// `OWNER/NAME/PATH@REF` of another one, whose local calls stay within it.
    public func file(from caller: String) -> String {
        guard uses.hasPrefix("./") || uses.hasPrefix("$/") else { return uses }
        let path = String(uses.dropFirst(2))
        return RemoteReference(file: caller)?.text(path: path) ?? path
    }
}

/// A step of a job or of a composite action.
public struct Step: Sendable {
    public enum Action: Sendable {
        /// The script; shell and working directory as the step gives them.
        case run(script: TemplateToken, shell: TemplateToken?, workingDirectory: TemplateToken?)
        /// `./path`, `$/path`, `owner/repo[/path]@ref` or `docker://image`; inputs are a mapping.
        case uses(String, position: SourcePosition, with: TemplateToken?)
    }

    /// The id that the file gives, else nil.
    public var id: String?
    /// The id that is unique within the job: `id`, or a generated one (`__run`, `__actions_checkout`, …).
    public var contextName: String
    public var position: SourcePosition
    public var name: TemplateToken?
    /// Always present, as in ``Job/condition``.
    public var condition: Expression
    public var conditionPosition: SourcePosition?
    public var env: TemplateToken?
    public var continueOnError: TemplateToken?
    public var timeoutMinutes: TemplateToken?
    public var action: Action
}
