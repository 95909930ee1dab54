public import Model
internal import QueryBuilder
public import Storage

/// The audit log: who did what, and the proof that nothing of it was changed.
public struct AuditService: Sendable {
    package let services: Services

    /// What a list is narrowed to.
    public struct Filter: Sendable {
        public var repository: RepositoryID?
        public var organization: Int64?
        /// workflow, run, job, runner, …
        public var objectKind: String?
        public var objectID: String?
        /// `workflow.create`
        public var action: String?
        /// The name of a user or runner.
        public var actor: String?
        /// success, denied or failure
        public var outcome: String?
        /// Not before.
        public var since: Timestamp?
        /// Before.
        public var until: Timestamp?

        public init() {}

        /// What of the log is asked for: all of it, unless a repository or an organization is named.
        var target: AccessTarget {
            repository.map { .repository($0) } ?? AccessTarget(organization: organization)
        }
    }

    /// The newest rows first, with what they changed.
    public func list(
        _ filter: Filter = Filter(), after cursor: PageCursor<AuditRecord>? = nil, limit: Int = 50,
        by principal: Principal
    ) async throws -> Page<AuditRecord> {
        try await services.access.check(.auditRead, filter.target, by: principal)
        let query = Self.query(filter)
        return try await services.backend.page(query, by: "l.id", after: cursor, limit: limit) {
            $0.id
        } _: {
            try AuditRecord($0)
        }
    }

    /// The rows of the filter with their bodies.
    static func query(_ filter: Filter) -> Select {
        var query = Select("l.*", "b.body").from("actions_audit_log AS l")
            .leftJoin("actions_audit_bodies AS b", on: "b.month = l.month AND b.audit_id = l.id")
        if let repository = filter.repository { query = query.and("l.repository_id = \(repository)") }
        if let organization = filter.organization { query = query.and("l.organization_id = \(organization)") }
        if let kind = filter.objectKind { query = query.and("l.object_kind = \(kind)") }
        if let object = filter.objectID { query = query.and("l.object_id = \(object)") }
        if let action = filter.action { query = query.and("l.action = \(action)") }
        if let actor = filter.actor { query = query.and("l.actor = \(actor)") }
        if let outcome = filter.outcome { query = query.and("l.outcome = \(outcome)") }
        if let since = filter.since { query = query.and("l.created_at >= \(since)") }
        if let until = filter.until { query = query.and("l.created_at < \(until)") }
        return query
    }
}
