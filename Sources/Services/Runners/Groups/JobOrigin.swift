internal import Model
internal import QueryBuilder
internal import Storage

/// Where a job comes from: what a runner group asks of it.
struct JobOrigin: Sendable, Hashable {
    var repository: RepositoryID
    /// `OWNER/NAME`
    var fullName: String
    var isPublic: Bool
    /// The file that defines the job: a path of its repository, `OWNER/NAME/PATH@REF` of another one.
    var file: String
    /// Of its run.
    var headRef: String
    var headSHA: String

    /// Of executions `e`; each row has the execution's id.
    static func select() -> Select {
        Select(
            "e.id", "e.repository_id", "p.owner", "p.name AS repository_name", "p.visibility", "w.filename",
            "r.head_ref", "r.head_sha"
        )
        .from("actions_job_executions AS e").join("actions_repositories AS p", on: "p.id = e.repository_id")
        .join("actions_workflow_runs AS r", on: "r.id = e.workflow_run_id")
        .join("actions_jobs AS j", on: "j.id = e.job_id")
        .join("actions_workflow_versions AS v", on: "v.id = j.version_id")
        .join("actions_workflows AS w", on: "w.id = v.workflow_id")
    }

    init(_ row: Row) throws(StorageError) {
        repository = ID(try row["repository_id"])
        fullName = "\(try row["owner"] as String)/\(try row["repository_name"] as String)"
        isPublic = try row["visibility"] as String == "public"
        file = try row["filename"]
        headRef = try row["head_ref"]
        headSHA = try row["head_sha"]
    }
}
