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

/// The stored workflows that a workflow calls, directly or not, with every call checked against its file.
struct CalledFiles {
    let repository: Repository
    let services: Services
    /// The files of a commit and those read from other repositories, by path; nil: those that are stored.
    let commit: [String: CommitFile]?
    private(set) var found: [CalledFile] = []
    private var chain: [String] = []
    private var jobCount = 0

    init(repository: Repository, services: Services, commit: [String: CommitFile]? = nil) {
        self.commit = commit
        self.repository = repository
        self.services = services
    }

    /// Throws ``ServiceError`` `invalid_workflow` for calls that GitHub refuses before a run starts: of files that are
    /// not there or invalid, with inputs, secrets or permissions that do not fit, in a circle, too many or too deep.
    mutating func add(
        callsOf workflow: Workflow, _ changes: Changes, on db: isolated any StorageConnection
    ) throws {
        try add(callsOf: workflow, inherited: nil, changes, on: db)
    }

    private mutating func add(
        callsOf workflow: Workflow, inherited: Permissions?, _ changes: Changes,
        on db: isolated any StorageConnection
    ) throws {
        chain.append(workflow.file)
        defer { chain.removeLast() }
        jobCount += workflow.jobs.count
        for job in workflow.jobs {
            guard case .call(let call) = job.body else { continue }
            let path = call.file(from: workflow.file)
            func refuse(_ message: String) -> ServiceError {
                ServiceError(
                    Diagnostic(code: "call", message: message, file: workflow.file, at: call.usesPosition))
            }
            guard !chain.contains(path) else { throw refuse("\(path) calls itself") }
            guard chain.count < CallLimits.depth else {
                throw refuse("calls are nested more than \(CallLimits.depth) deep")
            }
            guard jobCount <= CallLimits.jobs else { throw refuse("the run has more than \(CallLimits.jobs) jobs") }
            let callee = try callee(path, call, refuse, changes, on: db)
            let check = WorkflowCallCheck(policy: TokenPolicy(repository.defaultWorkflowPermissions))
            let errors = check.check(job, in: workflow, calling: callee, inherited: inherited)
                .filter { $0.severity == .error }
            if let first = errors.first {
                var error = ServiceError(first)
                error.diagnostics = errors
                throw error
            }
            let permissions = WorkflowCallCheck.permissions(of: job, in: workflow, inherited: inherited)
            try add(callsOf: callee, inherited: permissions, changes, on: db)
        }
    }

    private mutating func callee(
        _ path: String, _ call: WorkflowCall, _ refuse: (String) -> ServiceError, _ changes: Changes,
        on db: isolated any StorageConnection
    ) throws -> Workflow {
        if let known = found.first(where: { $0.path == path }) { return known.workflow }
        guard found.count < CallLimits.files else { throw refuse("more than \(CallLimits.files) workflows are called") }
        let file: CalledFile?
        if let commit {
            let given = commit[path]
            if let error = given?.errors.first, given?.workflow == nil {
                let place = "\(path):\(error.position.line):\(error.position.column)"
                throw refuse("\(call.uses) is invalid: \(place): \(error.message)")
            }
            file = given.flatMap { given in
                given.workflow.map { CalledFile(path: path, version: given.version, workflow: $0) }
            }
        } else {
            file = try stored(path, changes, on: db)
        }
        guard let file else {
            let isRemote = RemoteReference(file: path) != nil
            throw refuse(
                "\(call.uses): the workflow was not found\(isRemote ? ", or this repository may not use it" : "")")
        }
        found.append(file)
        return file.workflow
    }

    private func stored(
        _ path: String, _ changes: Changes, on db: isolated any StorageConnection
    ) throws -> CalledFile? {
        let row = try db.first(
            Select("id", "current_version_id").from("actions_workflows")
                .where("repository_id = \(repository.id)").and("filename = \(path)").and("state <> 'deleted'")
                .and("current_version_id IS NOT NULL"))
        guard let row else { return nil }
        let version = StoredVersion(workflowID: try row["id"], versionID: try row["current_version_id"])
        let workflow = try services.workflows.version(version.versionID, changes, on: db).workflow
        return CalledFile(path: path, version: version, workflow: workflow)
    }
}
