public import Storage

/// A row of the audit log.
public struct AuditRecord: Sendable {
    public var id: Int64
    public var createdAt: Timestamp
    /// `workflow.create`
    public var action: String
    /// create, read, update or delete
    public var operation: String
    public var actor: Principal
    /// repository, workflow, run, job, runner, …
    public var objectKind: String
    public var objectID: String
    public var repositoryID: RepositoryID?
    public var organizationID: Int64?
    /// success, denied or failure
    public var outcome: String
    /// By which the token that acted is known, where one did.
    public var tokenID: String?
    public var origin: CallOrigin
    /// What changed: canonical JSON; `{"unreadable":"…"}` where the database holds what is no text.
    public var body: String

    public init(_ row: Row) throws(StorageError) {
        id = try row["id"]
        createdAt = try row["created_at"]
        action = try row["action"]
        operation = try row["operation"]
        actor = Principal(try row["actor_kind"], try row["actor"])
        objectKind = try row["object_kind"]
        objectID = try row["object_id"]
        repositoryID = (try row["repository_id"] as Int64?).map { ID($0) }
        organizationID = try row["organization_id"]
        outcome = try row["outcome"]
        tokenID = try row["token_id"]
        origin = CallOrigin(
            address: try row["source_address"], agent: try row["user_agent"], requestID: try row["request_id"])
        body =
            switch try row.value("body") {
            case .null: "{}"
            case .text(let text): text
            // One row that was damaged must not hide the others.
            case .blob(let bytes): #"{"unreadable":"\#(bytes.count) bytes that are not UTF-8"}"#
            case let other: #"{"unreadable":"\#(other.kind)"}"#
            }
    }
}
