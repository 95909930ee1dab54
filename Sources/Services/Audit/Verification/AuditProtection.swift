internal import Storage

/// The triggers that make the audit log insert only, as far as they are missing.
enum AuditProtection {
    private static let tables = ["bodies", "checkpoints", "keys", "leaves", "log", "prunings"].map {
        "actions_audit_\($0)"
    }
    /// What every trigger of these says.
    private static let refusal = "the audit log is insert only"

    /// One sentence for each trigger that is gone, off, or does something else; none in a sound database.
    static func gaps(on db: isolated any StorageConnection) throws(StorageError) -> [String] {
        // SQLite has a trigger an event, PostgreSQL has TRUNCATE.
        let suffixes =
            db.dialect.hasPartitions ? ["insert_only", "no_truncate"] : ["no_delete", "no_replace", "no_update"]
        let found = try db.triggers(ofTables: #"actions\_audit\_%"#)
        var gaps = tables.filter { name in !found.contains { $0.table == name } }.map { "\($0) is gone" }
        for table in found {
            // Those of a partition have the names of its table's.
            let owner = table.parent ?? table.table
            guard tables.contains(owner) else { continue }
            for suffix in suffixes {
                let name = "\(owner)_\(suffix)"
                let trigger = table.triggers.first { $0.name == name }
                if let fault = fault(trigger) { gaps.append("\(name) of \(table.table) \(fault)") }
            }
        }
        return gaps
    }

    private static func fault(_ trigger: TableTriggers.Trigger?) -> String? {
        guard let trigger else { return "is gone" }
        guard trigger.isAlways else { return "is off, or can be turned off by a session" }
        return trigger.definition.contains(refusal) ? nil : "does not refuse changes"
    }
}
