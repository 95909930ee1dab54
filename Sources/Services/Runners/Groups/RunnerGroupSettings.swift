public import Model
internal import WorkflowSyntax

/// What a runner group is made with; of a change, what is nil stays.
public struct RunnerGroupSettings: Sendable {
    public var visibility: RunnerGroup.Visibility?
    public var allowsPublicRepositories: Bool?
    /// `OWNER/NAME/.github/workflows/FILE@REF`: it is restricted to these; none lifts the restriction.
    public var selectedWorkflows: [String]?

    public init(
        visibility: RunnerGroup.Visibility? = nil, allowsPublicRepositories: Bool? = nil,
        selectedWorkflows: [String]? = nil
    ) {
        self.visibility = visibility
        self.allowsPublicRepositories = allowsPublicRepositories
        self.selectedWorkflows = selectedWorkflows
    }
}

extension RunnerGroup {
    /// For the audit log.
    var fields: AuditEntry.Fields {
        let workflows = restrictedToWorkflows ? selectedWorkflows.map { ExpressionValue.string($0.text) } : []
        return [
            ("name", .string(name)), ("visibility", .string(visibility.rawValue)),
            ("allows_public_repositories", .boolean(allowsPublicRepositories)),
            ("restricted_to_workflows", .boolean(restrictedToWorkflows)),
            ("selected_workflows", .array(ExpressionArray(workflows))),
            (
                "repositories",
                .array(ExpressionArray(repositories.sorted().map { .number(Double($0.rawValue)) }))
            ),
        ]
    }
}
