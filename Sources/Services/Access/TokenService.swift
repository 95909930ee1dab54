internal import Cryptography
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The tokens of jobs: GitHub's `GITHUB_TOKEN`. One is valid for a claim, from when its runner asks for it until the claim
/// ends, as its digest stands in the row of the lease, and goes with that.
public struct TokenService: Sendable {
    static let over = "the job's token is not valid: the job has ended, or lost its runner, or this is no token"

    let services: Services

    /// Makes the token of a claim, in place of an earlier one, and says what it may do: what the job's `permissions` gave
    /// when this was called. Its text is returned here and kept nowhere. A call of its own, so that claims stay as fast as
    /// they are. Throws ``ServiceError`` `stale_assignment`, `forbidden` for whom the job is not.
    public func issue(for token: JobToken, by principal: Principal) async throws -> String {
        try await services.access.check(.runnerWork, .job(token.executionID), by: principal)
        let services = services
        let text = try await services.transaction { db, changes in
            // Locks the run, as whoever ends the job does: so what is read belongs together.
            let scheduler = try RunnerService.scheduler(of: token.executionID, services, changes, by: principal, on: db)
            let job = try scheduler.execution(token.executionID, on: db)
            guard job.kind == .steps else { throw RunnerService.stale(token) }
            let permissions = try scheduler.permissions(of: job, on: db)
            return try Self.store(permissions, of: token, job.repositoryID, by: principal, on: db)
        }
        services.masks.add([text], for: token)
        return text
    }

    /// The same for a job that was handed out to a runner of this process, with what was computed then.
    package func issue(for message: JobMessage, by principal: Principal) async throws -> String {
        let token = message.assignment.token
        try await services.access.check(.runnerWork, .job(token.executionID), by: principal)
        let text = try await services.transaction { db, _ in
            try Self.store(message.permissions, of: token, message.repository.id, by: principal, on: db)
        }
        services.masks.add([text], for: token)
        return text
    }

    /// Who shows that token: the job, with what it may do. Each call that it is given to looks again whether the claim still
    /// lives. Throws ``ServiceError`` `forbidden` for a text that is no token, or no more, and leaves an audit row.
    public func principal(for text: String, from origin: CallOrigin = CallOrigin()) async throws -> Principal {
        guard let token = JobTokenText(text) else {
            throw try await refused(Principal(refusedToken: nil).calling(from: origin))
        }
        let digest = token.sha256
        let row = try await services.backend.read { db in
            try db.first(
                Select("l.execution_id", "l.fencing_token", "l.token_sha256", "l.token_permissions", "e.repository_id")
                    .from("actions_leases AS l").join("actions_job_executions AS e", on: "e.id = l.execution_id")
                    .where("l.token_sha256 = \(digest)").and(AccessRows.isHeld))
        }
        // What the index found is compared again, so that no database's way to compare text decides.
        guard let row, ConstantTime.areEqual(Array((try row["token_sha256"] as String).utf8), Array(digest.utf8)) else {
            throw try await refused(Principal(refusedToken: JobTokenText.id(digest)).calling(from: origin))
        }
        let authority = JobAuthority(
            token: JobToken(executionID: ID(try row["execution_id"]), fencingToken: try row["fencing_token"]),
            repositoryID: ID(try row["repository_id"]), permissions: try Self.permissions(row["token_permissions"]),
            tokenID: JobTokenText.id(digest))
        return Principal(authority).calling(from: origin)
    }

    /// What whoever showed that token is told, once the audit log has it.
    private func refused(_ somebody: Principal) async throws -> ServiceError {
        var entry = AuditEntry(.authDenied, .token, 0, after: [("reason", .string(Self.over))])
        entry.operation = "read"
        try await AuditLog.deny(entry, by: somebody, services)
        return ServiceError(.forbidden, "token", Self.over)
    }

    private static func store(
        _ permissions: PermissionSet, of token: JobToken, _ repository: RepositoryID, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws -> String {
        let made = JobTokenText()
        let granted = permissions.granted.map { ($0.scope, ExpressionValue.string($0.level.rawValue)) }
        let json = CanonicalJSON.text(.object(ExpressionObject(granted, caseSensitive: true)))
        let lease = try db.first(
            Update("actions_leases").set("token_sha256", made.sha256).set("token_permissions", .json(json))
                .where("execution_id = \(token.executionID)").and("fencing_token = \(token.fencingToken)")
                .returning("execution_id"))
        guard lease != nil else { throw RunnerService.stale(token) }
        try AuditLog.record(
            AuditEntry(
                .tokenCreate, .job, token.executionID.rawValue, repository: repository,
                after: [
                    ("fencing_token", .number(Double(token.fencingToken))),
                    ("token_id", .string(JobTokenText.id(made.sha256))),
                ]), by: principal, on: db)
        return made.text
    }

    private static func permissions(_ json: String) throws -> [String: String] {
        guard case .object(let object) = try ExpressionValue(json: json) else { return [:] }
        return Dictionary(object.pairs.map { ($0.key, $0.value.text) }, uniquingKeysWith: { first, _ in first })
    }
}
