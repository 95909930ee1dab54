public import Model
public import WorkflowSyntax

/// Reads workflow files of other repositories, for whoever hosts them.
public protocol RemoteWorkflowReader: Sendable {
    /// The text of the file; nil when there is none, or none that the calling repository may use. What it throws ends
    /// the delivery, which may then be delivered again.
    func workflow(_ reference: RemoteReference, calledBy repository: RepositoryID) async throws -> String?
}
