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
    /// Versions of the files that it calls, by `./PATH`.
    var referenced: [(String, Int64)]
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
        let lookups = files.map { Self.lookup($0, in: repository) }
        let count = Self.executions(of: request)
        let queries: [any Query] =
            [Self.numbering(of: request)] + lookups + [
                Select("\(.now) AS at"), Reserve(1, of: "actions_workflow_runs"), Reserve(1, of: "actions_events"),
                Reserve(1, of: "actions_run_attempts"), Reserve(1, of: "actions_audit_log"),
                Reserve(count, of: "actions_job_executions"),
            ]
        let results = try db.run(queries)
        var versions = request.stored ?? []
        var storedFile = false
        for (file, found) in zip(files, results[1...]) {
            if let row = found.first {
                let known = StoredVersion(workflowID: try row["workflow_id"], versionID: try row["version_id"])
                try services.workflows.keep(file.workflow, as: known.versionID, changes, on: db)
                versions.append(known)
            } else {
                versions.append(try services.workflows.store(file, in: repository, changes, by: principal, on: db))
                storedFile = true
            }
        }
        let numbered = try results[0].first ?? db.one(Self.numbering(of: request), "workflow \(request.source.path)")
        version = versions[0]
        runNumber = try numbered["run_number"]
        referenced = zip(request.called, versions.dropFirst()).map { ("./\($0.path)", $1.versionID) }
        let reserved = Array(results[(1 + files.count)...])
        time = try Self.first(reserved[0], "at")
        runID = ID(try Self.first(reserved[1], "id"))
        eventID = try Self.first(reserved[2], "id")
        attemptID = try Self.first(reserved[3], "id")
        // Storing a file wrote to the audit log: the id that was free before may be taken.
        auditID = try Self.first(storedFile ? try db.run(Reserve(1, of: "actions_audit_log")) : reserved[4], "id")
        executionIDs = try reserved[5].map { row in try row["id"] }
    }

    private static func first<T: ValueDecodable>(_ rows: Rows, _ column: String) throws(StorageError) -> T {
        guard let row = rows.first else {
            throw StorageError(.missingRow, subject: column, "the database gave no \(column)")
        }
        return try row[column]
    }

    private static func numbering(of request: RunRequest) -> Update {
        Update("actions_workflows").set("next_run_number", sql: "next_run_number + 1")
            .where("repository_id = \(request.repository.id)").and("filename = \(request.source.path)")
            .returning("next_run_number - 1 AS run_number")
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
