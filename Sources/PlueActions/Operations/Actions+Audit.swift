public import Model
internal import Services

/// What a list of the audit log is narrowed to.
public struct AuditFilter: Sendable {
    public var repository: RepositoryID?
    public var organizationID: Int64?
    /// repository, workflow, run, job, runner, …
    public var objectKind: String?
    public var objectID: String?
    /// `workflow.create`
    public var action: String?
    /// The name of a user or runner.
    public var actor: String?

    public init(repository: RepositoryID? = nil, objectKind: String? = nil, objectID: String? = nil) {
        self.repository = repository
        self.objectKind = objectKind
        self.objectID = objectID
    }
}

extension Actions {
    /// Who did what, the newest first; a page has 1 to 1,000.
    public func listAuditLog(
        _ filter: AuditFilter = AuditFilter(), after cursor: PageCursor<AuditRecord>? = nil, limit: Int = 50,
        by principal: Principal
    ) async throws -> Page<AuditRecord> {
        var chosen = AuditService.Filter()
        chosen.repository = filter.repository
        chosen.organization = filter.organizationID
        chosen.objectKind = filter.objectKind
        chosen.objectID = filter.objectID
        chosen.action = filter.action
        chosen.actor = filter.actor
        return try await Self.mapped(by: principal) { [chosen] in
            try await services.audit.list(chosen, after: cursor, limit: limit, by: principal)
        }
    }
}
