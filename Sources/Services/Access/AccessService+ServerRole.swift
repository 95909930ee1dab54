public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension AccessService {
    /// Lets a role of the database do what a server does, and takes from it what was granted beyond that: of the audit log
    /// it reads and adds, and it makes no schema. To be called as the owner of the tables, again after each migration.
    /// Throws ``ServiceError`` `invalid_input` where the database has no roles, `not_found`, `conflict` for a role from
    /// which nothing can be kept.
    public func grantServer(to role: String, by principal: Principal) async throws {
        try await check(.accessUpdate, .installation, by: principal)
        try await services.transaction { db, _ in
            let subject = "role \(role)"
            let before = try Self.role(role, on: db)
            if before.isOwner {
                throw ServiceError(
                    .conflict, subject,
                    "it is a superuser, or acts as the owner of the tables or of their schema: nothing can be kept from it"
                )
            }
            try db.run("SELECT actions_grant_server(\(role))" as SQL)
            if try Self.role(role, on: db).canCreate {
                throw ServiceError(
                    .conflict, subject,
                    "it may still make tables and functions in the schema, by a group or as everybody: run "
                        + "REVOKE CREATE ON SCHEMA … FROM PUBLIC, or from that group")
            }
            guard try RepositoryService.hasAny(on: db) else { return }
            try AuditLog.record(
                AuditEntry(.authGrant, .installation, 0, after: [("database_role", .string(role))]), by: principal,
                on: db)
        }
    }

    private static func role(_ name: String, on db: isolated any StorageConnection) throws -> RoleInfo {
        let info: RoleInfo?
        do throws(StorageError) {
            info = try db.role(name)
        } catch {
            guard error.code == .permission else { throw error }
            throw ServiceError(
                .invalidInput, "role \(name)", "\(error.message): whoever may write the file may do all")
        }
        if let info { return info }
        throw ServiceError(.notFound, "role \(name)", "there is no such role: CREATE ROLE makes it")
    }
}
