public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension AuditService {
    /// Hands every row of the filter to `sink`, by ascending id, as far as they were committed when this was called; told
    /// to the log before the first. Returns how many. Throws what `sink` throws, ``StorageError``.
    public func export(
        _ filter: Filter = Filter(), by principal: Principal, to sink: (AuditRecord) throws -> Void
    ) async throws -> Int {
        try await services.access.check(.auditRead, filter.target, by: principal)
        var conditions: AuditEntry.Fields = []
        func add(_ name: String, _ value: String?) {
            if let value { conditions.append((name, .string(value))) }
        }
        add("action", filter.action)
        add("actor", filter.actor)
        add("object_kind", filter.objectKind)
        add("object_id", filter.objectID)
        add("outcome", filter.outcome)
        add("since", filter.since?.iso8601)
        add("until", filter.until?.iso8601)
        let entry = AuditEntry(
            .auditExport, .audit, 0, repository: filter.repository, organization: filter.organization, after: conditions
        )
        let end: Int64 = try await services.transaction { db, _ in
            let id = try AuditLog.nextID(on: db)
            try AuditLog.store(entry, id: id, by: principal, on: db)
            return id
        }
        let query = Self.query(filter).and("l.id < \(end)").orderBy("l.id").limit(1_000)
        var (last, count) = (Int64.min, 0)
        while true {
            let page = query.and("l.id > \(last)")
            let records = try await services.backend.read { db in
                try db.run(page).map { row in try AuditRecord(row) }
            }
            for record in records { try sink(record) }
            count += records.count
            guard records.count == 1_000, let next = records.last?.id else { return count }
            last = next
        }
    }

    /// The keys that checkpoints are checked with, the newest first: proven by the root key where it is at hand. Empty
    /// before anything was sealed.
    public func keys() async throws -> [NoteKey] {
        let keyring = services.keyring
        return try await services.backend.read { db in
            try AuditKeys.known(keyring, on: db).notes
        }
    }
}
