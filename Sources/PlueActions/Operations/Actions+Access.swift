public import Model
internal import Services

public typealias Role = Model.Role
public typealias RoleScope = Model.RoleScope
public typealias RoleGrant = Model.RoleGrant
public typealias AccessAction = Model.AccessAction
public typealias AccessTarget = Model.AccessTarget

extension Actions {
    /// Gives a user a role on a repository, an organization, or everything, in place of the one that they had there, and
    /// returns that.
    ///
    /// Until the first role is given users may do everything. From then on each call asks for the roles of the user whom it
    /// names: who that is, the platform has found out. The first role is `admin` on the installation.
    ///
    /// Throws `invalid_input`, `not_found` for the repository, `conflict` for a first role that is another one, or one that
    /// would leave no administrator.
    @discardableResult
    public func grantRole(
        _ role: Role, to user: String, on scope: RoleScope, by principal: Principal
    ) async throws -> Role? {
        try await Self.mapped(by: principal) {
            try await services.access.grant(role, to: user, on: scope, by: principal).replaced
        }
    }

    /// Takes the role away that a user has there; those that they have elsewhere stay. True: it was the last of all, so that
    /// users may do everything again. Throws `not_found`, `conflict` for the last administrator while others have roles.
    @discardableResult
    public func revokeRole(from user: String, on scope: RoleScope, by principal: Principal) async throws -> Bool {
        try await Self.mapped(by: principal) {
            try await services.access.revoke(from: user, on: scope, by: principal).opensInstallation
        }
    }

    /// The roles that were given, by user: all, or those that hold on a repository or an organization.
    public func listRoles(
        on scope: RoleScope = .installation, by principal: Principal
    ) async throws -> [RoleGrant] {
        try await Self.mapped(by: principal) { try await services.access.list(holdingOn: scope, by: principal) }
    }

    /// Why `user` may not do that; nil: they may. Nothing is noted. Throws `forbidden` for whoever may not see who has
    /// which role, but of themselves.
    public func explainAccess(
        of user: Principal, to action: AccessAction, _ target: AccessTarget, by principal: Principal
    ) async throws -> String? {
        try await Self.mapped(by: principal) {
            if user != principal { try await services.access.check(.accessRead, target, by: principal) }
            return try await services.access.obstacle(to: action, target, by: user)
        }
    }

    /// Makes the token of a job for the runner that holds it, in place of an earlier one. It may do what the job's
    /// `permissions` say, in the job's repository, until the claim ends. The text is given here and kept nowhere. Throws
    /// `stale_assignment`.
    public func issueJobToken(for token: JobToken, by principal: Principal) async throws -> String {
        try await Self.mapped(by: principal) { try await services.tokens.issue(for: token, by: principal) }
    }

    /// Who shows that token: a job, to be named by the calls that it asks for. Throws `forbidden`, with an audit row, for
    /// one whose job has ended, or that is none.
    public func authenticate(jobToken text: String, from origin: CallOrigin = CallOrigin()) async throws -> Principal {
        try await Self.mapped { try await services.tokens.principal(for: text, from: origin) }
    }
}
