internal import Services
internal import WorkflowSyntax

/// Reads workflow files of other repositories that workflows call, for a platform that hosts them.
public protocol WorkflowResolver: Sendable {
    /// The text of the file; nil when there is none, or none that the calling repository may use. What it throws ends
    /// the delivery, which may then be delivered again.
    func workflow(_ file: RemoteWorkflow, calledBy repository: RepositoryID) async throws -> String?
}

/// `OWNER/NAME/PATH@REF`
public struct RemoteWorkflow: Sendable, Hashable {
    /// `OWNER/NAME`
    public var repository: String
    /// `.github/workflows/FILE`
    public var path: String
    /// A branch, tag or commit, as the caller wrote it.
    public var ref: String
}

/// A platform's resolver as the services call it.
struct NamedResolver: RemoteWorkflowReader {
    let resolver: any WorkflowResolver

    func workflow(_ reference: RemoteReference, calledBy repository: RepositoryID) async throws -> String? {
        try await resolver.workflow(
            RemoteWorkflow(repository: reference.repository, path: reference.path, ref: reference.ref),
            calledBy: repository)
    }
}
