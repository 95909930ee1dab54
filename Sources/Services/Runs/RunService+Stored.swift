public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunService {
    /// A run of a stored workflow's current version, with the stored workflows that it calls. Throws ``ServiceError``
    /// `not_found` for a workflow that was deleted, `conflict` for one that is disabled, `invalid_input` for a payload
    /// or inputs that do not fit, `invalid_workflow` for calls that cannot be made.
    public func create(_ stored: StoredRunRequest, by principal: Principal) async throws -> WorkflowRun {
        let target = AccessTarget.workflow(stored.workflow)
        try await services.access.check(.runCreate, target, by: principal)
        try stored.check()
        return try await refusing(.runCreate, target, by: principal) { try await make(stored, by: principal) }
    }

    private func make(_ stored: StoredRunRequest, by principal: Principal) async throws -> WorkflowRun {
        let services = services
        return try await services.transaction { db, changes in
            // First: whoever changes, deletes or numbers it waits.
            try db.lock(Select("id").from("actions_workflows").where("id = \(stored.workflow)"))
            let record = try WorkflowService.record(stored.workflow, on: db)
            switch record.state {
            case .active: break
            case .deleted: throw ServiceError(.notFound, "workflow \(stored.workflow)", "it was deleted")
            case .disabledManually, .disabledInactivity:
                throw ServiceError(.conflict, "workflow \(stored.workflow)", "it is disabled: enable it first")
            }
            let workflow = try services.workflows.version(record.versionID, changes, on: db).workflow
            let repository = try RepositoryService.repository(record.repositoryID, on: db)
            var calls = CalledFiles(repository: repository, services: services)
            try calls.add(callsOf: workflow, changes, on: db)
            let request = try stored.request(repository, record, workflow, calls.found)
            return try Self.create(request, services, changes, by: principal, on: db)
        }
    }
}

extension StoredRunRequest {
    fileprivate func check() throws {
        _ = try InputCheck.run(
            event: event, headSHA: headSHA, headRef: headRef, headBranch: headBranch, actor: actor, payload: payload)
    }

    fileprivate func request(
        _ repository: Repository, _ record: WorkflowRecord, _ workflow: Workflow, _ called: [CalledFile]
    ) throws -> RunRequest {
        var typed = ExpressionObject([])
        if event == "workflow_dispatch" || !inputs.isEmpty {
            do {
                typed = try InputValues.dispatched(inputs, for: workflow.dispatchInputs)
            } catch {
                throw ServiceError(.invalidInput, "workflow \(record.filename)", error.message)
            }
        }
        let variables = variables.sorted { $0.key < $1.key }.map { ($0.key, ExpressionValue.string($0.value)) }
        var request = RunRequest(
            repository: repository,
            source: WorkflowSource(path: record.filename, text: record.content, workflow: workflow),
            called: called.map { WorkflowSource(path: $0.path, text: "", workflow: $0.workflow) }, event: event,
            payload: payload, inputs: ExpressionValue.object(typed).json(pretty: false),
            variables: ExpressionValue.object(ExpressionObject(variables)).json(pretty: false),
            headBranch: headBranch, headRef: headRef, headSHA: headSHA, isDirty: false, actor: actor, runner: nil)
        request.actorID = actorID
        request.priority = priority
        request.isExpanding = isExpanding
        request.stored =
            [StoredVersion(workflowID: record.id.rawValue, versionID: record.versionID)] + called.map(\.version)
        return request
    }
}
