internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The workflow files that an event finds, within one transaction.
final class Commit {
    private let repository: Repository
    /// The files become the repository's workflows.
    private let isDefault: Bool
    private let services: Services
    private let principal: Principal
    private let changes: Changes
    private(set) var files: [CommitFile] = []
    /// The same and files of other repositories, by path.
    private var callable: [String: CommitFile] = [:]

    init(
        repository: Repository, isDefault: Bool, services: Services, principal: Principal, changes: Changes
    ) {
        self.repository = repository
        self.isDefault = isDefault
        self.services = services
        self.principal = principal
        self.changes = changes
    }

    // MARK: Files

    /// Stores the files of the commit, in the order of their paths, which no two transactions can hold crosswise. On the
    /// default branch the workflows that are not among them are deleted.
    func take(_ parsed: [IngestedFile], on db: isolated any StorageConnection) throws {
        for file in parsed {
            let stored = try services.workflows.store(
                file, in: repository.id, isCurrent: isDefault, changes, by: principal, on: db)
            files.append(stored)
        }
        guard isDefault else { return }
        let gone = try db.run(
            Select("id").from("actions_workflows").where("repository_id = \(repository.id)")
                .and("state <> 'deleted'").and("filename NOT IN \(parsed.map(\.path))").orderBy("filename").forUpdate())
        for row in gone {
            try WorkflowService.change(ID(try row["id"]), to: .deleted, by: principal, on: db)
        }
    }

    /// The workflows that are stored, as they are.
    func takeStored(on db: isolated any StorageConnection) throws {
        let rows = try db.run(
            WorkflowService.records().where("w.repository_id = \(repository.id)").and("w.state <> 'deleted'")
                .orderBy("w.filename"))
        for row in rows {
            let record = try WorkflowRecord(row)
            var workflow: Workflow?
            var errors: [Diagnostic] = []
            do {
                workflow = try services.workflows.version(record.versionID, changes, on: db).workflow
            } catch let error as ServiceError where error.code == .invalidWorkflow {
                errors = error.diagnostics
            }
            files.append(
                CommitFile(
                    path: record.filename, text: record.content,
                    version: StoredVersion(workflowID: record.id.rawValue, versionID: record.versionID),
                    state: record.state, workflow: workflow, errors: errors, isNew: false))
        }
    }

    /// Stores files of other repositories that the workflows call, beside them. Once all files are there.
    func take(_ remote: RemoteFiles, on db: isolated any StorageConnection) throws {
        for file in files { callable[file.path] = file }
        for (path, file) in remote.found.sorted(by: { $0.key < $1.key }) {
            guard let file else { continue }
            callable[path] = try services.workflows.store(
                file, in: repository.id, isCurrent: false, changes, by: principal, on: db)
        }
    }

    // MARK: Runs

    /// A run of the file, or one that says why it cannot start.
    func run(
        _ file: CommitFile, of delivery: EventDelivery, event: Int64, on db: isolated any StorageConnection
    ) throws -> WorkflowRun {
        guard let workflow = file.workflow else {
            return try fail(file, Workflow(unreadable: file.path), file.errors, delivery, event, on: db)
        }
        let mark = changes.mark
        try db.openSavepoint()
        do {
            var calls = CalledFiles(repository: repository, services: services, commit: callable)
            try calls.add(callsOf: workflow, changes, on: db)
            let run = try RunService.create(
                request(file, workflow, calls.found, delivery, event), services, changes, by: principal, on: db)
            try db.releaseSavepoint()
            return run
        } catch let error as ServiceError where error.code == .invalidWorkflow {
            try db.undoSavepoint()
            changes.goBack(to: mark)
            return try fail(file, workflow, error.diagnostics, delivery, event, on: db)
        }
    }

    private func fail(
        _ file: CommitFile, _ workflow: Workflow, _ errors: [Diagnostic], _ delivery: EventDelivery, _ event: Int64,
        on db: isolated any StorageConnection
    ) throws -> WorkflowRun {
        var workflow = workflow
        // What could not be evaluated is not evaluated again.
        workflow.runName = nil
        workflow.concurrency = nil
        var request = request(file, workflow, [], delivery, event)
        request.isExpanding = false
        return try RunService.createFailed(request, errors, services, changes, by: principal, on: db)
    }

    private func request(
        _ file: CommitFile, _ workflow: Workflow, _ called: [CalledFile], _ delivery: EventDelivery, _ event: Int64
    ) -> RunRequest {
        let variables = delivery.variables.sorted { $0.key < $1.key }.map { ($0.key, ExpressionValue.string($0.value)) }
        var request = RunRequest(
            repository: repository, source: WorkflowSource(path: file.path, text: file.text, workflow: workflow),
            called: called.map { WorkflowSource(path: $0.path, text: "", workflow: $0.workflow) },
            event: delivery.event, payload: delivery.payload,
            variables: ExpressionValue.object(ExpressionObject(variables)).json(pretty: false),
            headBranch: delivery.headBranch, headRef: delivery.headRef, headSHA: delivery.headSHA, isDirty: false,
            actor: delivery.actor, runner: nil)
        request.actorID = delivery.actorID
        request.priority = delivery.priority
        request.storedEvent = event
        request.stored = [file.version] + called.map(\.version)
        return request
    }
}
