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
            let isOwner: Bool?
            do {
                isOwner = try db.isOwner(role)
            } catch let error as StorageError where error.code == .permission {
                throw ServiceError(.invalidInput, subject, "\(error.message): whoever may write the file may do all")
            }
            guard let isOwner else {
                throw ServiceError(.notFound, subject, "there is no such role: CREATE ROLE makes it")
            }
            if isOwner {
                throw ServiceError(
                    .conflict, subject,
                    "it is a superuser, or acts as the owner of the tables or of their schema: "
                        + "nothing can be kept from it")
            }
            try db.run("SELECT actions_grant_server(\(role))" as SQL)
            guard try RepositoryService.hasAny(on: db) else { return }
            try AuditLog.record(
                AuditEntry(.authGrant, .installation, 0, after: [("database_role", .string(role))]), by: principal,
                on: db)
        }
    }
}
