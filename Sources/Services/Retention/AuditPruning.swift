internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Removes the bodies of one month of the audit log: in PostgreSQL their partition, in SQLite some rows a transaction. The
/// row of the class `audit` is locked before.
///
/// A month is marked, and the log told, before anything of it goes: without the mark the database refuses. Rows and leaves
/// stay, and with them the digest of each body.
struct AuditPruning: Sendable {
    let month: Int64
    /// Bodies of one transaction.
    let limit: Int
    let principal: Principal

    /// The next month with bodies after `month` and before that of `moment`.
    static func month(after month: Int64, before moment: Timestamp, on db: isolated any StorageConnection) throws
        -> Int64?
    {
        try db.one(
            Select("min(month) AS month").from("actions_audit_bodies").where("month > \(month)")
                .and("month < \(moment.month)"))["month"]
    }

    /// Nobody holds a repository, or a run of one, that the month tells of, and every row is sealed: of others there would
    /// be no digest to check them by.
    static func isFree(_ month: Int64, on db: isolated any StorageConnection) throws -> Bool {
        let held = try db.first(
            Select("l.id").from("actions_legal_holds AS h")
                .join("actions_audit_log AS l", on: "l.repository_id = h.repository_id")
                .where("l.month = \(month)").limit(1))
        if held != nil { return false }
        return try db.first(
            Select("b.audit_id").from("actions_audit_bodies AS b").where("b.month = \(month)")
                .and("NOT EXISTS (SELECT 1 FROM actions_audit_leaves AS v WHERE v.audit_id = b.audit_id)").limit(1))
            == nil
    }

    static func count(_ month: Int64, on db: isolated any StorageConnection) throws -> Int {
        try db.one(Select("count(*) AS n").from("actions_audit_bodies").where("month = \(month)"))["n"]
    }

    func remove(on db: isolated any StorageConnection) throws -> PrunePart {
        guard try Self.isFree(month, on: db) else { return PrunePart(isLast: true) }
        let count = try Self.count(month, on: db)
        if count == 0 { return PrunePart(isLast: true) }
        try mark(count, on: db)
        var part = PrunePart(
            oldest: Timestamp(iso8601: "\(month / 100)-\(month % 100 < 10 ? "0" : "")\(month % 100)-01T00:00:00Z"))
        if db.dialect.hasPartitions {
            let isGone: Bool = try db.one("SELECT actions_drop_audit_bodies(\(month)) AS dropped" as SQL)["dropped"]
            part.rows = isGone ? count : 0
            part.isLast = true
        } else {
            let ids = Select("audit_id").from("actions_audit_bodies").where("month = \(month)").orderBy("audit_id")
                .limit(limit)
            try db.run(Delete("actions_audit_bodies").where("month = \(month)").and("audit_id IN \(ids)"))
            part.rows = min(count, limit)
            part.isLast = count <= limit
        }
        return part
    }

    /// Once a month, with the event that tells of it.
    private func mark(_ count: Int, on db: isolated any StorageConnection) throws {
        let marked = try db.first(Select("month").from("actions_audit_prunings").where("month = \(month)"))
        if marked != nil { return }
        let id = try AuditLog.nextID(on: db)
        let entry = AuditEntry(
            .retentionPrune, .retention, month,
            before: [
                ("class", .string(RetentionClass.audit.rawValue)), ("month", .number(Double(month))),
                ("rows", .number(Double(count))),
            ])
        try AuditLog.store(entry, id: id, by: principal, on: db)
        try db.run(Insert("actions_audit_prunings").values(["month": month, "audit_id": id, "created_at": .now]))
    }
}
