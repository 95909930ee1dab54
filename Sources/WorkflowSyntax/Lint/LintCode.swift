/// What ``WorkflowLinter`` can find; the name stands in diagnostics and in `# plue: ignore[CODE]`.
public enum LintCode: String, CaseIterable, Sendable {
    case broadPermissions = "broad-permissions"
    case comparison
    case condition
    case cron
    case dangerousCheckout = "dangerous-checkout"
    case defaultPermissions = "default-permissions"
    case deprecatedCommand = "deprecated-command"
    case filter
    case filterPattern = "filter-pattern"
    case format
    case indexType = "index-type"
    case inputs
    case json
    case matrix
    case matrixExclude = "matrix-exclude"
    case noEvents = "no-events"
    case noObject = "no-object"
    case noSteps = "no-steps"
    case number
    case schedule
    case secretInScript = "secret-in-script"
    case shell
    case textOfCollection = "text-of-collection"
    case timezone
    case unknownProperty = "unknown-property"
    case unpinnedAction = "unpinned-action"
    case untrustedInput = "untrusted-input"
    case unusedIgnore = "unused-ignore"
    case workflowRun = "workflow-run"

    /// In a line, for a list of them.
    public var summary: String {
        switch self {
        case .broadPermissions:
            "`permissions: write-all`, or several scopes to write for an event of strangers (note)"
        case .comparison:
            "a comparison that is always false, or has no order"
        case .condition:
            "an `if` that is constant, or always true because text stands around `${{ }}`"
        case .cron:
            "a schedule that fires more often than every 5 minutes, or never (warning)"
        case .dangerousCheckout:
            "code of strangers checked out by an event that has the repository's rights"
        case .defaultPermissions:
            "a job with the token's default permissions (note)"
        case .deprecatedCommand:
            "`::set-output`, `::save-state`, `::set-env` or `::add-path` in a script"
        case .filter:
            "`X` beside `X-ignore`, an empty filter, or one of excluding patterns only"
        case .filterPattern:
            "a pattern of branches, tags or paths that is not well-formed"
        case .format:
            "a pattern of `format` that does not fit its arguments"
        case .indexType:
            "an array indexed by something else than a number, an object by something else than a string"
        case .inputs:
            "an input whose default, options or `required` contradict its type"
        case .json:
            "`fromJSON` of a text that is no JSON"
        case .matrix:
            "a matrix of constants that has more than 256 legs, or that cannot be made"
        case .matrixExclude:
            "an `exclude` that matches nothing in the matrix"
        case .noEvents:
            "an empty `on`: nothing starts the workflow"
        case .noObject:
            "a property or an index of a value that has none"
        case .noSteps:
            "a job without `steps` and `uses`"
        case .number:
            "a `timeout-minutes` that is not above 0, or a `max-parallel` below 1"
        case .schedule:
            "`schedule` without a `cron`"
        case .secretInScript:
            "a secret that becomes part of a script's text"
        case .shell:
            "an unknown shell without `{0}`"
        case .textOfCollection:
            "an object, an array or null where a text is made of it"
        case .timezone:
            "a time zone that this machine's database does not know"
        case .unknownProperty:
            "a property that a context does not have"
        case .unpinnedAction:
            "an action or a workflow named by a branch, by a part of a commit, or by a tag (note)"
        case .untrustedInput:
            "text of an issue, a pull request or a commit inside a script"
        case .unusedIgnore:
            "a `# plue: ignore[…]` that silences nothing"
        case .workflowRun:
            "`workflow_run` without the names of workflows"
        }
    }
}

extension Diagnostic {
    /// A finding of the linter.
    init(
        _ severity: Severity = .error, lint code: LintCode, message: String, file: String, at position: SourcePosition
    ) {
        self.init(severity, code: code.rawValue, message: message, file: file, at: position)
    }
}
