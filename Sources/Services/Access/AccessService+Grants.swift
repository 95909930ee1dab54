public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension AccessService {
    /// What became of a role that was taken away.
    public struct Revocation: Sendable, Hashable {
        public var grant: RoleGrant
        /// It was the last of all: users are not asked any more.
        public var opensInstallation: Bool
    }

    /// Gives a user a role there, in place of the one that they had there, which is returned too. From the first one on
    /// users are asked for their roles, so the first is an administrator of the installation. Throws ``ServiceError``
    /// `invalid_input`, `not_found` for the repository, `conflict` for a first role that is another one, or one that would
    /// leave no administrator.
    @discardableResult
    public func grant(
        _ role: Role, to user: String, on scope: RoleScope, by principal: Principal
    ) async throws -> (grant: RoleGrant, replaced: Role?) {
        try InputCheck.name(user, "the user", limit: 255)
        if case .organization(let id) = scope { try InputCheck.organization(id) }
        try await check(.accessUpdate, AccessTarget(scope), by: principal)
        return try await services.transaction { db, _ in
            if case .repository(let id) = scope { _ = try RepositoryService.repository(id, on: db) }
            try Self.lockAdministrators(on: db)
            let isAdministrator = role == .admin && scope == .installation
            if !isAdministrator, try !Self.hasAdministrator(on: db) {
                throw ServiceError(
                    .conflict, "role \(role.rawValue) of \(user)",
                    "the first role is admin on the installation, else nobody could give another: "
                        + "grant that to yourself first (plue access grant USER admin --installation)")
            }
            let before = try Self.grant(of: user, on: scope, on: db)
            if let before, !isAdministrator { try Self.checkNotLast(before, on: db) }
            try db.run(Delete("actions_role_grants").where("id = \(before?.id ?? 0)"))
            let row = try db.one(
                Insert("actions_role_grants").values([
                    "principal_kind": Principal.Kind.user.rawValue, "principal": user,
                    "principal_folded": user.lowercased(), "role": role, "repository_id": scope.repository,
                    "organization_id": scope.organization, "granted_by": principal.name, "created_at": .now,
                ]).returning("*"))
            let made = try RoleGrant(row)
            try AuditLog.record(
                AuditEntry(
                    .authGrant, .grant, made.id, repository: scope.repository, organization: scope.organization,
                    before: before.map { Self.fields($0) } ?? [], after: Self.fields(made)), by: principal, on: db)
            return (made, before?.role)
        }
    }

    /// Takes the role away that a user has there; those that they have elsewhere stay. Throws ``ServiceError``
    /// `not_found` when they have none there, `conflict` for the last administrator of the installation while others have
    /// roles.
    @discardableResult
    public func revoke(
        from user: String, on scope: RoleScope, by principal: Principal
    ) async throws -> Revocation {
        try await check(.accessUpdate, AccessTarget(scope), by: principal)
        return try await services.transaction { db, _ in
            try Self.lockAdministrators(on: db)
            guard let before = try Self.grant(of: user, on: scope, on: db) else {
                throw ServiceError(.notFound, "role of \(user)", "there is none on \(scope)")
            }
            let others = try db.first(
                Select("id").from("actions_role_grants").where("id <> \(before.id)").limit(1))
            if others != nil { try Self.checkNotLast(before, on: db) }
            try db.run(Delete("actions_role_grants").where("id = \(before.id)"))
            try AuditLog.record(
                AuditEntry(
                    .authRevoke, .grant, before.id, repository: scope.repository, organization: scope.organization,
                    before: Self.fields(before)), by: principal, on: db)
            return Revocation(grant: before, opensInstallation: others == nil)
        }
    }

    /// The roles that were given, by user: all, or (with a scope) those that hold there, also by its organization or the
    /// installation.
    public func list(holdingOn scope: RoleScope = .installation, by principal: Principal) async throws -> [RoleGrant] {
        try await check(.accessRead, AccessTarget(scope), by: principal)
        var query = Select("g.*").from("actions_role_grants AS g").orderBy("g.principal_folded, g.id")
        let everywhere: SQL = "g.repository_id IS NULL AND g.organization_id IS NULL"
        switch scope {
        case .installation: break
        case .organization(let id): query = query.where("(\(everywhere)) OR g.organization_id = \(id)")
        case .repository(let id):
            query = query.where(
                """
                (\(everywhere)) OR g.repository_id = \(id) OR g.organization_id =
                (SELECT p.organization_id FROM actions_repositories AS p WHERE p.id = \(id))
                """)
        }
        let chosen = query
        return try await services.backend.read { db in try db.run(chosen).map { row in try RoleGrant(row) } }
    }

    // MARK: Rules

    private static let administrators: SQL = "repository_id IS NULL AND organization_id IS NULL AND role = 'admin'"

    /// Whoever changes roles waits here for who does it already, so that there is always an administrator where there is any
    /// role.
    private static func lockAdministrators(on db: isolated any StorageConnection) throws {
        try db.lock(Select("id").from("actions_role_grants").where(administrators).orderBy("id"))
    }

    private static func hasAdministrator(on db: isolated any StorageConnection) throws -> Bool {
        try db.first(Select("id").from("actions_role_grants").where(administrators).limit(1)) != nil
    }

    private static func checkNotLast(_ grant: RoleGrant, on db: isolated any StorageConnection) throws {
        guard grant.scope == .installation, grant.role == .admin else { return }
        let other = try db.first(
            Select("id").from("actions_role_grants").where(administrators).and("id <> \(grant.id)").limit(1))
        guard other == nil else { return }
        throw ServiceError(
            .conflict, "role of \(grant.user)",
            "it is the last admin of the installation: give another user that role first, or take all others away")
    }

    private static func grant(
        of user: String, on scope: RoleScope, on db: isolated any StorageConnection
    ) throws -> RoleGrant? {
        let place: SQL =
            switch scope {
            case .installation: "g.repository_id IS NULL AND g.organization_id IS NULL"
            case .organization(let id): "g.organization_id = \(id)"
            case .repository(let id): "g.repository_id = \(id)"
            }
        return try db.first(
            Select("g.*").from("actions_role_grants AS g").where(AccessRows.isOf(user)).and(place)
        ).map { row in try RoleGrant(row) }
    }

    private static func fields(_ grant: RoleGrant) -> AuditEntry.Fields {
        [("role", .string(grant.role.rawValue)), ("user", .string(grant.user))]
    }
}

extension RoleScope {
    fileprivate var repository: RepositoryID? {
        if case .repository(let id) = self { id } else { nil }
    }

    fileprivate var organization: Int64? {
        if case .organization(let id) = self { id } else { nil }
    }
}
