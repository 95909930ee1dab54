internal import Model
internal import QueryBuilder
internal import Storage

/// The audit log: insert only, each row in the transaction of what it tells.
enum AuditLog {
    /// Stores one entry. Throws ``StorageError``, `missing_row` when the database took the entry without a word and did not
    /// keep it.
    static func record(
        _ entry: AuditEntry, by principal: Principal, on db: isolated any StorageConnection
    ) throws(StorageError) {
        try store(entry, id: nextID(on: db), by: principal, on: db)
    }

    /// The same with an id that was reserved, in one round trip.
    ///
    /// A trigger may drop a row silently (`RAISE(IGNORE)`, a function that returns NULL), and a rule as well: what is done
    /// then would be done without a trace, so the rows are counted.
    static func store(
        _ entry: AuditEntry, id: Int64, by principal: Principal, on db: isolated any StorageConnection
    ) throws(StorageError) {
        let stored = try db.pipeline(rows(entry, id: id, by: principal).map { $0.statement(for: db.dialect) })
        for (result, table) in zip(stored, ["actions_audit_log", "actions_audit_bodies"]) where result.changes != 1 {
            throw StorageError(
                .missingRow, subject: table,
                "\(table) did not keep row \(id), which tells of \(entry.action.rawValue), so that is not done: a trigger or "
                    + "rule that is not plue's drops rows of the table; remove it")
        }
    }

    /// An id for an entry, free until the end of the transaction.
    static func nextID(on db: isolated any StorageConnection) throws(StorageError) -> Int64 {
        try db.one(Reserve(1, of: "actions_audit_log")).reservedID(of: "actions_audit_log")
    }

    /// Stores, by itself, that this was refused, or failed.
    static func deny(
        _ entry: AuditEntry, _ outcome: AuditEntry.Outcome = .denied, by principal: Principal, _ services: Services
    ) async throws {
        var entry = entry
        entry.outcome = outcome
        let denied = entry
        try await services.transaction { db, _ in try record(denied, by: principal, on: db) }
    }

    /// The rows of one entry whose id was reserved.
    static func rows(_ entry: AuditEntry, id: Int64, by principal: Principal) -> [any Query] {
        // Where the body is kept, nothing more: so this host's clock serves.
        let month = Timestamp(microseconds: DatabaseClock.system.microseconds()).month
        return [
            Insert("actions_audit_log").values([
                "id": id, "created_at": .now, "action": entry.action.rawValue, "operation": entry.operation,
                "actor_kind": principal.kind.rawValue, "actor": principal.name,
                "object_kind": entry.objectKind.rawValue, "object_id": String(entry.objectID),
                "repository_id": entry.repository, "organization_id": entry.organization,
                "outcome": entry.outcome.rawValue, "month": month, "token_id": principal.tokenID,
                "source_address": principal.origin.address, "user_agent": principal.origin.agent,
                "request_id": principal.origin.requestID,
            ]),
            Insert("actions_audit_bodies").values(["month": month, "audit_id": id, "body": .json(entry.body)]),
        ]
    }
}
