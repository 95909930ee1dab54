public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Who may do what. Every call of a service asks it before it does anything.
///
/// **What a check costs.** Nothing for the system and for a runner's own work, so that claims and ends of jobs are as they
/// were; one read for users and jobs, which finds the repository of what is asked for, the roles that hold there, and
/// whether anybody was granted any role at all: until then nobody is asked.
///
/// A role that is taken away while a call that was checked still runs does not stop that call.
public struct AccessService: Sendable {
    let services: Services

    /// Returns when the principal may do that. Throws ``ServiceError`` `forbidden` otherwise, once an audit row of the
    /// refusal is committed. What is not there is refused like what may not be seen, but to those who may see everything,
    /// who are told by the call itself.
    public func check(_ action: AccessAction, _ target: AccessTarget, by principal: Principal) async throws {
        // Where no row of the database decides.
        if principal.kind == .system || principal.kind == .runner && action.isForRunners { return }
        let decision = try await decide(action, target, principal)
        guard let obstacle = decision.obstacle else { return }
        try await deny(action, target, obstacle, decision.place, by: principal)
    }

    /// The same as an answer, without an audit row: nil, or why not.
    public func obstacle(
        to action: AccessAction, _ target: AccessTarget, by principal: Principal
    ) async throws -> String? {
        if principal.kind == .system || principal.kind == .runner && action.isForRunners { return nil }
        return try await decide(action, target, principal).obstacle
    }

    /// Which repositories the principal may read so, of all: a condition on `p`, a row of theirs. Throws as
    /// ``check(_:_:by:)`` for whom no list is.
    func readable(_ action: AccessAction, by principal: Principal) async throws -> SQL {
        switch principal.kind {
        case .system, .user: break
        case .runner: try await check(action, .installation, by: principal)
        case .job: try await check(action, AccessTarget(principal.authority?.repositoryID), by: principal)
        }
        return AccessRows.visible(to: principal)
    }

    /// What a runner does for itself: another's registration is not its own. Throws as ``check(_:_:by:)``.
    func checkOwn(_ runner: RunnerID, by principal: Principal) async throws {
        try await check(.runnerWork, .runner(runner), by: principal)
        guard principal.kind == .runner else { return }
        let name: String? = try await services.backend.read { db in
            try db.first(Select("name").from("actions_runners").where("id = \(runner)"))?["name"]
        }
        guard let name, name != principal.name else { return }
        try await deny(
            .runnerWork, .runner(runner), "it is runner \(name): \(principal.name) may change itself alone",
            by: principal)
    }

    /// Whether anybody was granted a role: before, users may do everything.
    public func isEnforced() async throws -> Bool {
        try await services.backend.read { db in
            try db.one(Select("\(AccessRows.isEnforced) AS is_enforced"))["is_enforced"]
        }
    }

    /// Refuses, with an audit row, what a caller who was checked may not do for another reason. Throws ``ServiceError``
    /// `forbidden`.
    func deny(
        _ action: AccessAction, _ target: AccessTarget, _ obstacle: String, _ place: AccessRows.Place = .init(),
        by principal: Principal
    ) async throws -> Never {
        let (kind, id) = target.object
        var entry = AuditEntry(
            .authDenied, kind, id, repository: place.repository, organization: place.organization,
            after: [("action", .string(action.rawValue)), ("reason", .string(obstacle))])
        entry.operation = action.operation
        try await AuditLog.deny(entry, by: principal, services)
        throw ServiceError(.forbidden, "\(target)", obstacle)
    }

    private func decide(
        _ action: AccessAction, _ target: AccessTarget, _ principal: Principal
    ) async throws -> (obstacle: String?, place: AccessRows.Place) {
        switch principal.kind {
        case .system: return (nil, AccessRows.Place())
        case .user:
            let query = AccessRows.user(principal.name, target)
            let (place, found) = try await services.backend.read { db in
                let row = try db.one(query)
                return (try AccessRows.Place(row), try AccessRows.UserRights(row))
            }
            let isAllowed =
                !found.isEnforced || (found.rank ?? 0) >= action.role.rank
                || place.isPublic && action.isOpenOfPublicRepositories
            return (isAllowed ? nil : Self.lacks(action, target, principal), place)
        case .runner:
            return (
                "a runner may not do that (\(action.rawValue)): it takes, reports and ends jobs", AccessRows.Place()
            )
        case .job:
            guard let authority = principal.authority else {
                return ("a job shows its token (\(action.rawValue)); this one has shown none", AccessRows.Place())
            }
            guard let permission = action.jobPermission else {
                return ("no token of a job may do that (\(action.rawValue))", AccessRows.Place())
            }
            let query = AccessRows.job(authority, target)
            let (place, isLive) = try await services.backend.read { db in
                let row = try db.one(query)
                return (try AccessRows.Place(row), try row["is_live"] as Bool)
            }
            if !isLive { return (TokenService.over, place) }
            if place.repository != authority.repositoryID {
                return ("the token of a job is for its own repository (\(authority.repositoryID))", place)
            }
            guard permission.isGranted(by: authority.permissions) else {
                return (
                    "the job's token lacks \(permission.text) (\(action.rawValue)): give it under `permissions`", place
                )
            }
            return (nil, place)
        }
    }

    private static func lacks(_ action: AccessAction, _ target: AccessTarget, _ principal: Principal) -> String {
        let place =
            switch target {
            case .installation: "on the installation"
            case .organization, .repository: "on it"
            case .runnerGroup: "on its organization, or on the installation"
            case .workflow, .schedule, .run, .job, .runner: "on its repository"
            }
        return
            "\(principal.name) may not do that (\(action.rawValue)): it takes the role \(action.role.rawValue) \(place)"
    }
}

extension AccessTarget {
    /// As the audit log names it.
    var object: (AuditEntry.ObjectKind, Int64) {
        switch self {
        case .installation: (.installation, 0)
        case .organization(let id): (.organization, id)
        case .repository(let id): (.repository, id.rawValue)
        case .workflow(let id): (.workflow, id.rawValue)
        case .schedule(let id): (.schedule, id.rawValue)
        case .run(let id): (.run, id.rawValue)
        case .job(let id): (.job, id.rawValue)
        case .runner(let id): (.runner, id.rawValue)
        case .runnerGroup(let id): (.runnerGroup, id.rawValue)
        }
    }
}
