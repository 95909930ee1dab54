internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// A stored workflow that a run calls.
struct CalledFile {
    var path: String
    var version: StoredVersion
    var workflow: Workflow
}

/// The stored workflows that a workflow calls by path, directly or not.
struct CalledFiles {
    /// With the caller, as on GitHub.
    private static let depthLimit = 10
    private static let countLimit = 50

    let repository: RepositoryID
    let services: Services
    /// The files of a commit, by path; nil: those that are stored.
    let commit: [String: CalledFile]?
    private(set) var found: [CalledFile] = []
    private var chain: [String] = []

    init(repository: RepositoryID, services: Services, commit: [String: CalledFile]? = nil) {
        self.commit = commit
        self.repository = repository
        self.services = services
    }

    /// A file that is not stored is left out: the job that calls it fails with its place. Throws ``ServiceError``
    /// `invalid_workflow` for a circle, or too many or too deep calls.
    mutating func add(
        callsOf workflow: Workflow, _ changes: Changes, on db: isolated any StorageConnection
    ) throws {
        chain.append(workflow.file)
        defer { chain.removeLast() }
        for job in workflow.jobs {
            guard case .call(let call) = job.body else { continue }
            let path = call.file(from: workflow.file)
            func refuse(_ message: String) -> ServiceError {
                ServiceError(
                    Diagnostic(code: "call", message: message, file: workflow.file, at: call.usesPosition))
            }
            guard !chain.contains(path) else { throw refuse("\(path) calls itself") }
            guard chain.count < Self.depthLimit else { throw refuse("calls are nested more than ten deep") }
            if let known = found.first(where: { $0.path == path }) {
                try add(callsOf: known.workflow, changes, on: db)
                continue
            }
            guard found.count < Self.countLimit else { throw refuse("more than 50 workflows are called") }
            let callee: CalledFile? = if let commit { commit[path] } else { try stored(path, changes, on: db) }
            guard let callee else { continue }
            found.append(callee)
            try add(callsOf: callee.workflow, changes, on: db)
        }
    }

    private func stored(
        _ path: String, _ changes: Changes, on db: isolated any StorageConnection
    ) throws -> CalledFile? {
        let row = try db.first(
            Select("id", "current_version_id").from("actions_workflows")
                .where("repository_id = \(repository)").and("filename = \(path)").and("state <> 'deleted'")
                .and("current_version_id IS NOT NULL"))
        guard let row else { return nil }
        let version = StoredVersion(workflowID: try row["id"], versionID: try row["current_version_id"])
        let workflow = try services.workflows.version(version.versionID, changes, on: db).workflow
        return CalledFile(path: path, version: version, workflow: workflow)
    }
}
