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
        /// Nil where the database has lost it.
        var record: [UInt8]?
    }

    /// The values that a job may use, for the runner that holds it. The audit row is committed before any value is opened:
    /// when it cannot be written, nothing is read. `passing` are the calls above the job: where one of them hands nothing
    /// on, nothing but the job's environment is read.
    ///
    /// Throws ``ServiceError`` `forbidden` for anyone but a runner or the system, and `stale_assignment` for a job that the
    /// runner does not hold any more; ``CryptographyError`` for a value that does not open. All leave an audit row.
    public func secrets(
        for token: JobToken, passing: [JobMessage.SecretPassing] = [], by principal: Principal
    ) async throws -> JobSecrets {
        guard principal.kind == .runner || principal.kind == .system else {
            try await AuditLog.deny(Self.entry(token), by: principal, services)
            throw ServiceError(
                .forbidden, "job \(token.executionID)", "its secrets go to the runner that executes it alone")
        }
        // The write lock is taken only where there is anything to read.
        guard try await services.hasSecrets() else { return JobSecrets() }
        let sealed: [Sealed]
        do {
            sealed = try await services.transaction { db, _ in
                _ = try RunnerService.assignment(of: token, on: db)
                let sealed = try Self.sealed(for: token.executionID, passing, on: db)
                if !sealed.isEmpty { try Self.audit(sealed, token, by: principal, on: db) }
                return sealed
            }
        } catch let error as ServiceError where error.code == .staleAssignment {
            try await AuditLog.deny(Self.entry(token), by: principal, services)
            throw error
        }
        guard !sealed.isEmpty else { return JobSecrets() }
        let secrets: JobSecrets
        do {
            secrets = try await opened(sealed)
        } catch let error as CryptographyError {
            let fields: AuditEntry.Fields = [
                ("error", .string(error.code.rawValue)), ("subject", .string(error.subject)),
            ]
            try await AuditLog.deny(Self.entry(token, fields), .failure, by: principal, services)
            throw error
        }
        services.masks.add(secrets.shared, for: token)
        services.masks.add(secrets.environment, for: token)
        return secrets
    }

    /// The same as one, for a job that no call is above.
    public func values(for token: JobToken, by principal: Principal) async throws -> [String: SecretBytes] {
        try await secrets(for: token, by: principal).all
    }

    private func opened(_ sealed: [Sealed]) async throws -> JobSecrets {
        let keyring = keyring
        return try await services.backend.read { db in
            var secrets = JobSecrets()
            for secret in sealed {
                let (installation, key) = try keyring.key(term: secret.term, on: db)
                let address = secret.owner.address(secret.name, version: secret.version, installation: installation)
                guard let record = secret.record else {
                    throw CryptographyError(.malformed, "\(address)", "its record is missing; set the value again")
                }
                let value = try key.open(record, at: address)
                if case .environment = secret.owner {
                    secrets.environment[secret.name] = value
                } else {
                    secrets.shared[secret.name] = value
                }
            }
            return secrets
        }
    }

    /// The records that the job may use. A pull request of a fork gets none.
    private static func sealed(
        for execution: ExecutionID, _ passing: [JobMessage.SecretPassing], on db: isolated any StorageConnection
    ) throws -> [Sealed] {
        let row = try db.one(
            Select("e.environment", "r.event", "ev.payload", "p.id", "p.organization_id")
                .from("actions_job_executions AS e")
                .join("actions_workflow_runs AS r", on: "r.id = e.workflow_run_id")
                .join("actions_repositories AS p", on: "p.id = e.repository_id")
                .leftJoin("actions_events AS ev", on: "ev.id = r.event_id").where("e.id = \(execution)"))
        if try PullRequestOrigin.isFork(event: try row["event"], payload: try row["payload"]) { return [] }
        let repository = RepositoryID(try row["id"])
        var environment: [Sealed] = []
        if let name: String = try row["environment"], !name.isEmpty {
            let owner = SecretOwner.environment(repository, name)
            environment = try sealed(
                owner, "s.repository_id = \(repository) AND s.environment = \(owner.environment)", on: db)
        }
        if passing.contains(where: \.isNothing) { return environment }
        var shared: [String: Sealed] = [:]
        if let organization: Int64 = try row["organization_id"] {
            let visible = OrganizationSetting.secret.visible(organization, to: repository)
            for secret in try sealed(.organization(organization), visible, on: db) { shared[secret.name] = secret }
        }
        let own = try sealed(
            .repository(repository), "s.repository_id = \(repository) AND s.environment = ''", on: db)
        for secret in own { shared[secret.name] = secret }
        // What nobody can see is not read.
        if passing.isEmpty { for secret in environment { shared[secret.name] = nil } }
        return shared.values.sorted { $0.name < $1.name } + environment
    }

    private static func sealed(
        _ owner: SecretOwner, _ condition: SQL, on db: isolated any StorageConnection
    ) throws -> [Sealed] {
        try db.run(
            Select("s.name", "s.current_version", "v.key_term", "v.record").from("actions_secrets AS s")
                .leftJoin(
                    "actions_secret_versions AS v", on: "v.secret_id = s.id AND v.version = s.current_version"
                )
                .where(condition).orderBy("s.name")
        ).map { row in
            Sealed(
                name: try row["name"], owner: owner, version: try row["current_version"],
                term: try row["key_term"] as Int64? ?? 1, record: try row["record"])
        }
    }

    private static func audit(
        _ sealed: [Sealed], _ token: JobToken, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws {
        let row = try db.one(
            Select("repository_id").from("actions_job_executions").where("id = \(token.executionID)"))
        let read = ExpressionArray(
            sealed.map { secret in
                .object(
                    ExpressionObject([
                        ("name", .string(secret.name)), ("scope", .string(secret.owner.scope)),
                        ("version", .number(Double(secret.version))),
                    ]))
            })
        try AuditLog.record(
            AuditEntry(
                .secretRead, .job, token.executionID.rawValue, repository: ID(try row["repository_id"]),
                after: [("secrets", .array(read)), ("fencing_token", .number(Double(token.fencingToken)))]),
            by: principal, on: db)
    }

    private static func entry(_ token: JobToken, _ fields: AuditEntry.Fields = []) -> AuditEntry {
        AuditEntry(.secretRead, .job, token.executionID.rawValue, after: fields)
    }
}
