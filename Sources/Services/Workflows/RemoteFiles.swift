internal import Model
internal import WorkflowSyntax

/// Workflow files of other repositories that workflows call, directly or not: read before a transaction begins.
struct RemoteFiles {
    /// Of one delivery; a run calls at most ``CallLimits/files``.
    private static let limit = 500

    /// By the path under which their callers find them; nil: looked for and not found.
    private(set) var found: [String: IngestedFile?] = [:]

    init() {}

    init(
        calledBy workflows: [Workflow], of repository: RepositoryID, _ resolver: any RemoteWorkflowReader
    ) async throws {
        var open = workflows
        while let caller = open.popLast() {
            for job in caller.jobs {
                guard case .call(let call) = job.body else { continue }
                let path = call.file(from: caller.file)
                guard let reference = RemoteReference(file: path), found[path] == nil, found.count < Self.limit else {
                    continue
                }
                let text = try await resolver.workflow(reference, calledBy: repository)
                let file = text.map { IngestedFile(path, $0) }
                found[path] = .some(file)
                if let workflow = file?.workflow { open.append(workflow) }
            }
        }
    }
}
