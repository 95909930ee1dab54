public import Model
internal import WorkflowSyntax

extension TransferService {
    /// Before everything is written to a file, as text or as a copy: throws ``ServiceError`` `forbidden`, else leaves an
    /// audit row.
    public func authorizeExport(to path: String, by principal: Principal) async throws {
        try await services.access.check(.databaseExport, .installation, by: principal)
        try await record(.databaseExport, path, by: principal)
    }

    /// Before everything is replaced by a backup. Throws ``ServiceError`` `forbidden`.
    public func authorizeRestore(by principal: Principal) async throws {
        try await services.access.check(.databaseRestore, .installation, by: principal)
    }

    /// The database is that backup now, with its audit log.
    public func recordRestore(from path: String, by principal: Principal) async throws {
        try await record(.databaseRestore, path, by: principal)
    }

    private func record(_ action: AuditEntry.Action, _ path: String, by principal: Principal) async throws {
        let entry = AuditEntry(action, .installation, 0, after: [("file", .string(path))])
        try await services.transaction { db, _ in try AuditLog.record(entry, by: principal, on: db) }
    }
}
