public import Cryptography
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension SecretService {
    private struct Sealed: Sendable {
        var name: String
        var owner: SecretOwner
        var version: Int64
        var term: Int64
        var record: [UInt8]
    }

    /// The values that a job may use, by upper-case name, for the runner that holds it. The audit row is committed before
    /// any value is opened: when it cannot be written, nothing is read.
    ///
    /// Throws ``ServiceError`` `forbidden` for anyone but a runner or the system, and `stale_assignment` for a job that the
    /// runner does not hold any more; both leave an audit row.
    public func values(
        for token: JobToken, by principal: Principal
    ) async throws -> [String: SecretBytes] {
        guard principal.kind == .runner || principal.kind == .system else {
            try await deny(token, by: principal)
            throw ServiceError(
                .forbidden, "job \(token.executionID)", "its secrets go to the runner that executes it alone")
        }
        // The write lock is taken only where there is anything to read.
        guard try await services.hasSecrets() else { return [:] }
        let sealed: [Sealed]
        do {
            sealed = try await services.transaction { db, _ in
                _ = try RunnerService.assignment(of: token, on: db)
                let sealed = try Self.sealed(for: token.executionID, on: db)
                if !sealed.isEmpty { try Self.audit(sealed, token, by: principal, on: db) }
                return sealed
            }
        } catch let error as ServiceError where error.code == .staleAssignment {
            try await deny(token, by: principal)
            throw error
        }
        guard !sealed.isEmpty else { return [:] }
        let keyring = keyring
        let values = try await services.backend.read { db in
            var values: [String: SecretBytes] = [:]
            for secret in sealed {
                let (installation, key) = try keyring.key(term: secret.term, on: db)
                let address = secret.owner.address(secret.name, version: secret.version, installation: installation)
                values[secret.name] = try key.open(secret.record, at: address)
            }
            return values
        }
        services.masks.add(values, for: token)
        return values
    }

    /// The records that the job may use, the more general first. A pull request of a fork gets none.
    private static func sealed(
        for execution: ExecutionID, on db: isolated any StorageConnection
    ) throws -> [Sealed] {
        let row = try db.one(
            Select("e.environment", "r.event", "ev.payload", "p.id", "p.organization_id")
                .from("actions_job_executions AS e")
                .join("actions_workflow_runs AS r", on: "r.id = e.workflow_run_id")
                .join("actions_repositories AS p", on: "p.id = e.repository_id")
                .leftJoin("actions_events AS ev", on: "ev.id = r.event_id").where("e.id = \(execution)"))
        let event: String = try row["event"]
        let payload = try ExpressionValue(json: try row["payload"] as String? ?? "{}")
        if PullRequestOrigin.isFork(event: event, payload: payload) { return [] }
        let repository = RepositoryID(try row["id"])
        var owners: [(owner: SecretOwner, condition: SQL)] = []
        if let organization: Int64 = try row["organization_id"] {
            let grant = Select("1 AS one").from("actions_secret_grants AS g").where("g.secret_id = s.id")
                .and("g.repository_id = \(repository)")
            owners.append(
                (
                    .organization(organization),
                    OrganizationSettings.visible(organization, to: repository, grant: grant)
                ))
        }
        owners.append((.repository(repository), "s.repository_id = \(repository) AND s.environment = ''"))
        if let environment: String = try row["environment"], !environment.isEmpty {
            let owner = SecretOwner.environment(repository, environment)
            owners.append((owner, "s.repository_id = \(repository) AND s.environment = \(owner.environment)"))
        }
        var byName: [String: Sealed] = [:]
        for (owner, condition) in owners {
            let rows = try db.run(
                Select("s.name", "v.version", "v.key_term", "v.record").from("actions_secrets AS s")
                    .join(
                        "actions_secret_versions AS v",
                        on: "v.secret_id = s.id AND v.version = s.current_version"
                    )
                    .where(condition))
            for row in rows {
                let name: String = try row["name"]
                byName[name] = Sealed(
                    name: name, owner: owner, version: try row["version"], term: try row["key_term"],
                    record: try row["record"])
            }
        }
        return byName.values.sorted { $0.name < $1.name }
    }

    private static func audit(
        _ sealed: [Sealed], _ token: JobToken, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws {
        let row = try db.one(
            Select("repository_id").from("actions_job_executions").where("id = \(token.executionID)"))
        let names = ExpressionArray(sealed.map { .string($0.name) })
        try AuditLog.record(
            AuditEntry(
                .secretRead, .job, token.executionID.rawValue, repository: ID(try row["repository_id"]),
                after: [("names", .array(names)), ("fencing_token", .number(Double(token.fencingToken)))]),
            by: principal, on: db)
    }

    private func deny(_ token: JobToken, by principal: Principal) async throws {
        try await AuditLog.deny(
            AuditEntry(.secretRead, .job, token.executionID.rawValue), by: principal, services)
    }
}
