public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Stores workflow files: a row a file, a version a content, a definition a job.
public struct WorkflowService: Sendable {
    let services: Services

    /// The repository at that place, made when it is new. Throws ``StorageError``.
    public func repository(
        location: String, owner: String, name: String, defaultBranch: String, by principal: Principal
    ) async throws -> Repository {
        let find = Select("*").from("actions_repositories").where("location = \(location)")
        let known = try await services.backend.read { db in try db.first(find).map { try Repository($0) } }
        // A job changes nothing of it, whatever its working tree says.
        if let known,
            principal.kind == .job
                || known.owner == owner && known.name == name && known.defaultBranch == defaultBranch
        {
            try await services.access.check(.repositoryRead, .repository(known.id), by: principal)
            return known
        }
        // What git says of a working tree is taken over by whoever may run something of it.
        if let known {
            try await services.access.check(.runCreate, .repository(known.id), by: principal)
        } else {
            try await services.access.check(.repositoryCreate, .installation, by: principal)
        }
        return try await services.backend.transaction { db in
            let row = try db.first(
                Insert("actions_repositories")
                    .values([
                        "location": location, "owner": owner, "name": name, "default_branch": defaultBranch,
                        "created_at": .now, "updated_at": .now,
                    ])
                    .onConflict(
                        "location",
                        .doUpdate(set: ["owner": owner, "name": name, "default_branch": defaultBranch])
                    )
                    .returning("*"))
            guard let row else { throw ServiceError(.notFound, "repository \(location)", "it was not stored") }
            return try Repository(row)
        }
    }

    /// The version of that file with that content, stored when it is new; it becomes the current one. The workflow's row
    /// stays locked: who stores another content of it waits.
    func store(
        _ source: WorkflowSource, in repository: RepositoryID, _ changes: Changes, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws -> StoredVersion {
        try store(IngestedFile(source), in: repository, isCurrent: true, changes, by: principal, on: db).version
    }

    /// The same of a file that may be invalid. Unless it `isCurrent` the repository's workflows stay as they are: a file
    /// of another branch that they do not know is kept as a deleted one.
    func store(
        _ file: IngestedFile, in repository: RepositoryID, isCurrent: Bool, _ changes: Changes,
        by principal: Principal, on db: isolated any StorageConnection
    ) throws -> CommitFile {
        let name = file.workflow?.name ?? file.path
        let known = try db.one(
            Insert("actions_workflows")
                .values([
                    "repository_id": repository, "filename": file.path, "name": name,
                    "state": (isCurrent ? WorkflowRecord.State.active : .deleted).rawValue, "created_at": .now,
                    "updated_at": .now,
                ])
                .onConflict(
                    "repository_id, filename", .doUpdate(set: ["updated_at": "actions_workflows.updated_at" as SQL])
                )
                .returning("id", "current_version_id", "state"))
        let state: WorkflowRecord.State = try known["state"]
        let workflowID: Int64 = try known["id"]
        let current: Int64? = try known["current_version_id"]
        let (versionID, isNew) = try version(of: workflowID, file, in: repository, changes, on: db)
        if current == nil || isCurrent && (current != versionID || state == .deleted) {
            var update = Update("actions_workflows").set("name", name).set("current_version_id", versionID)
                .set("updated_at", .clampedNow(after: "updated_at"))
            if isCurrent, state == .deleted { update = update.set("state", WorkflowRecord.State.active) }
            try db.run(update.where("id = \(workflowID)"))
            if isCurrent {
                try ScheduleRows.follow(
                    file.workflow, StoredVersion(workflowID: workflowID, versionID: versionID), in: repository,
                    by: principal, on: db)
            }
            try AuditLog.record(
                AuditEntry(
                    current == nil || state == .deleted ? .workflowCreate : .workflowUpdate, .workflow, workflowID,
                    repository: repository,
                    after: [("filename", .string(file.path)), ("content_sha256", .string(file.digest))]),
                by: principal, on: db)
        }
        return CommitFile(
            path: file.path, text: file.text, version: StoredVersion(workflowID: workflowID, versionID: versionID),
            // On this branch it is there.
            state: state == .deleted ? .active : state, workflow: file.workflow, errors: file.errors, isNew: isNew)
    }

    /// The version of a workflow with that content, stored when it is new; the workflow's row is locked.
    func version(
        of workflow: Int64, _ file: IngestedFile, in repository: RepositoryID, _ changes: Changes,
        on db: isolated any StorageConnection
    ) throws -> (id: Int64, isNew: Bool) {
        let found = try db.first(
            Select("id").from("actions_workflow_versions").where("workflow_id = \(workflow)")
                .and("content_sha256 = \(file.digest)"))
        if let found {
            let id: Int64 = try found["id"]
            if let workflow = file.workflow { try keep(workflow, as: id, changes, on: db) }
            return (id, false)
        }
        let id = try db.insert(
            Insert("actions_workflow_versions").values([
                "workflow_id": workflow, "content_sha256": file.digest, "yaml_content": file.text,
                "diagnostics": .json(DiagnosticsJSON.text(file.errors)), "created_at": .now,
            ]))
        if let workflow = file.workflow {
            let definitions = try storeDefinitions(of: workflow, version: id, in: repository, on: db)
            changes.fresh.versions[id] = LoadedVersion(workflow: workflow, definitions: definitions)
        }
        return (id, true)
    }

    private func storeDefinitions(
        of workflow: Workflow, version: Int64, in repository: RepositoryID, on db: isolated any StorageConnection
    ) throws -> [String: Int64] {
        let triggers: [[any Bindable]] = workflow.triggers.map { trigger in
            [version, repository, trigger.event, SQL.json(trigger.filtersJSON)]
        }
        try db.run(Insert("actions_triggers").rows(["version_id", "repository_id", "event", "filters"], triggers))
        let jobs: [[any Bindable]] = workflow.jobs.enumerated().map { position, job in
            let uses: String? = if case .call(let call) = job.body { call.uses } else { nil }
            let needs = ExpressionValue.array(ExpressionArray(job.needs.map { .string($0.id) })).json(pretty: false)
            return [
                version, repository, job.id, Int64(position), uses == nil ? "steps" : "call", SQL.json(needs),
                job.condition.source, uses, SQL.json(job.definitionJSON),
            ]
        }
        return try Self.keyed(
            try db.run(
                Insert("actions_jobs").rows(
                    [
                        "version_id", "repository_id", "job_key", "position", "kind", "needs", "if_condition", "uses",
                        "definition",
                    ], jobs
                ).returning("id", "job_key")))
    }
}

/// A stored file and which content of it.
struct StoredVersion: Sendable {
    var workflowID: Int64
    var versionID: Int64
}

extension Trigger {
    /// The filters as a JSON object, absent ones left out.
    var filtersJSON: String {
        let lists: [(String, [String]?)] = [
            ("types", types), ("branches", branches), ("branches-ignore", branchesIgnore), ("tags", tags),
            ("tags-ignore", tagsIgnore), ("paths", paths), ("paths-ignore", pathsIgnore), ("workflows", workflows),
            ("cron", schedules.isEmpty ? nil : schedules.map(\.cron)),
            // One for each of them.
            ("timezone", schedules.isEmpty ? nil : schedules.map { $0.timezone ?? "UTC" }),
        ]
        let pairs = lists.compactMap { key, list in
            list.map { (key, ExpressionValue.array(ExpressionArray($0.map { .string($0) }))) }
        }
        return ExpressionValue.object(ExpressionObject(pairs)).json(pretty: false)
    }
}
