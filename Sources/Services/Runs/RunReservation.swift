internal import Hashing
internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// What a new run is given before anything of it is stored, in one round trip when its files are known: its number, its
/// versions, its time and all ids. The workflow's row is locked by the number until the commit.
struct RunReservation {
    var runNumber: Int64
    var version: StoredVersion
    /// Versions of the files that it calls, by their names.
    var referenced: [(String, Int64)]
    /// The request's with those that are stored, as JSON.
    var variables: String
    var time: Timestamp
    var runID: RunID
    var eventID: Int64
    var attemptID: Int64
    var auditID: Int64
    var executionIDs: [Int64]

    init(
        _ request: RunRequest, services: Services, _ changes: Changes, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws {
        let repository = request.repository.id
        let files = request.stored == nil ? [request.source] + request.called : []
        let tables: [(StaticString, Int)] = [
            ("actions_workflow_runs", 1), ("actions_events", 1), ("actions_run_attempts", 1), ("actions_audit_log", 1),
            ("actions_job_executions", Self.executions(of: request)),
        ]
        let reserve = Reserve(tables)
        let lookups = files.dropFirst().map { Self.lookup($0, in: repository) as any Query }
        let results = try db.run(
            [Self.numbering(of: request) as any Query] + lookups
                + [StoredVariables.query(request.repository), reserve])
        var versions = request.stored ?? []
        var storedFile = false
        variables = try StoredVariables.merged(request.variables, results[results.count - 2])
        for (file, found) in zip(files, results) {
            if let row = found.first, let version: Int64 = try row["version_id"] {
                let known = StoredVersion(workflowID: try row["workflow_id"], versionID: version)
                try services.workflows.keep(file.workflow, as: known.versionID, changes, on: db)
                versions.append(known)
            } else {
                if principal.kind == .job { throw JobDispatch.Refusal.content(file.path) }
                // What a fork brings is none of the repository's workflows: others start these.
                let isOwn =
                    try RemoteReference(file: file.path) == nil
                    && !PullRequestOrigin.isFork(event: request.event, payload: request.payload)
                let stored = try services.workflows.store(
                    IngestedFile(file), in: repository, isCurrent: isOwn, changes, by: principal, on: db)
                versions.append(stored.version)
                storedFile = true
            }
        }
        let numbered = try results[0].first ?? db.one(Self.numbering(of: request), "workflow \(request.source.path)")
        version = versions[0]
        runNumber = try numbered["run_number"]
        referenced = zip(request.called, versions.dropFirst()).map { ($0.path, $1.versionID) }
        var ids: [[Int64]] = Array(repeating: [], count: tables.count)
        var at: Timestamp?
        for row in results[results.count - 1] {
            let position: Int = try row["position"]
            ids[position].append(try row.reservedID(of: tables[position].0.description))
            if at == nil { at = try row["at"] }
        }
        guard let at, ids.allSatisfy({ !$0.isEmpty }) else {
            throw StorageError(.missingRow, subject: "ids", "the database gave no ids")
        }
        time = at
        (runID, eventID, attemptID, executionIDs) = (ID(ids[0][0]), request.storedEvent ?? ids[1][0], ids[2][0], ids[4])
        // Storing a file wrote to the audit log: the id that was free before may be taken.
        auditID = storedFile ? try AuditLog.nextID(on: db) : ids[3][0]
    }

    /// Gives the run its number, and its version when the workflow's current content is that of the request.
    private static func numbering(of request: RunRequest) -> Update {
        let version = Select("v.id").from("actions_workflow_versions AS v")
            .where("v.id = actions_workflows.current_version_id").and("actions_workflows.state <> 'deleted'")
            .and("v.content_sha256 = \(SHA256.hex(of: request.source.text))")
        return Update("actions_workflows").set("next_run_number", sql: "next_run_number + 1")
            .where("repository_id = \(request.repository.id)").and("filename = \(request.source.path)")
            .returning("id AS workflow_id", "next_run_number - 1 AS run_number", "\(version) AS version_id")
    }

    /// The file with that content, where it is the current one.
    private static func lookup(_ source: WorkflowSource, in repository: RepositoryID) -> Select {
        Select("w.id AS workflow_id", "v.id AS version_id").from("actions_workflows AS w")
            .join("actions_workflow_versions AS v", on: "v.id = w.current_version_id")
            .where("w.repository_id = \(repository)").and("w.filename = \(source.path)")
            .and("w.state <> 'deleted'").and("v.content_sha256 = \(SHA256.hex(of: source.text))")
    }

    /// How many executions the run may begin with; more are reserved when it has more.
    private static func executions(of request: RunRequest) -> Int {
        let jobs = request.isExpanding ? request.source.workflow.jobs : []
        let matrices = jobs.count { $0.needs.isEmpty && $0.strategy?.matrix != nil }
        return min(jobs.count + matrices * 255, 1000)
    }
}
