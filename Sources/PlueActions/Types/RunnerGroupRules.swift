public import Model
internal import Services

/// What a runner group is made with; of a change, what is nil stays.
public struct RunnerGroupRules: Sendable, Hashable {
    public var visibility: RunnerGroup.Visibility?
    /// Otherwise public repositories are kept out, whatever else would let them in.
    public var allowsPublicRepositories: Bool?
    /// `OWNER/NAME/.github/workflows/FILE@REF`: only jobs that these files define, at most 100; none lifts the restriction.
    public var selectedWorkflows: [String]?

    public init(
        visibility: RunnerGroup.Visibility? = nil, allowsPublicRepositories: Bool? = nil,
        selectedWorkflows: [String]? = nil
    ) {
        self.visibility = visibility
        self.allowsPublicRepositories = allowsPublicRepositories
        self.selectedWorkflows = selectedWorkflows
    }

    var settings: RunnerGroupSettings {
        RunnerGroupSettings(
            visibility: visibility, allowsPublicRepositories: allowsPublicRepositories,
            selectedWorkflows: selectedWorkflows)
    }
}
