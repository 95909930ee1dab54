internal import Hashing
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunnerService {
    /// A token with which one runner of that scope may register, once, within that time (GitHub's is an hour). Its text is
    /// given here and kept nowhere. With a group the runner belongs to it. Throws ``ServiceError`` `not_found` for the
    /// scope's repository or the group, `invalid_input` for a time over 30 days, or a group of another scope.
    public func createRegistrationToken(
        scope: RunnerScope = .global, group: String? = nil, lifetime: Duration = .seconds(3600), by principal: Principal
    ) async throws -> String {
        try await services.access.check(.runnerUpdate, AccessTarget(scope), by: principal)
        guard lifetime > .zero, lifetime <= .seconds(30 * 86_400) else {
            throw ServiceError(.invalidInput, "registration token", "it lives for at most 30 days")
        }
        let text = "plue_reg_" + Self.secret()
        let digest = SHA256.hex(of: text)
        try await services.transaction { db, _ in
            let (repository, organization) = try Self.columns(of: scope, on: db)
            let group = try group.map { try RunnerGroupRows.one($0, of: organization, on: db) }
            try group?.check(scope)
            let id = try db.insert(
                Insert("actions_registration_tokens").values([
                    "sha256": digest, "repository_id": repository, "organization_id": organization,
                    "runner_group_id": group?.id, "created_by": principal.name, "created_at": .now,
                    "expires_at": .now(plus: lifetime),
                ]))
            try AuditLog.record(
                AuditEntry(.tokenCreate, .token, id, repository: repository, organization: organization),
                by: principal, on: db)
        }
        return text
    }

    /// 256 bits, as all tokens have.
    static func secret() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in hex(generator.next()) }.joined()
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Makes a runner for whoever shows a token; its scope is the token's, and so is its group if the token has one. Throws ``ServiceError`` `forbidden` for a text
    /// that is no token, or one that was used or is too old (all alike, so that nothing is learned), `invalid_input`.
    public func register(
        _ registration: RunnerRegistration, token: String, by principal: Principal
    ) async throws -> Runner {
        try registration.check()
        let digest = SHA256.hex(of: token)
        return try await services.transaction { db, _ in
            let row = try db.first(
                Update("actions_registration_tokens").set("used_at", .now).where("sha256 = \(digest)")
                    .and("used_at IS NULL").and("expires_at > \(.now)")
                    .returning("repository_id", "organization_id", "runner_group_id"))
            guard let row else {
                throw ServiceError(
                    .forbidden, "runner \(registration.name)",
                    "its registration token is none, was used, or is too old: make a new one")
            }
            var registration = registration
            if let repository: Int64 = try row["repository_id"] {
                registration.scope = .repository(ID(repository))
            } else if let organization: Int64 = try row["organization_id"] {
                registration.scope = .organization(organization)
            } else {
                registration.scope = .global
            }
            if let group = (try row["runner_group_id"] as Int64?).map({ RunnerGroupID($0) }) {
                let own = try RunnerGroupRows.one(group, on: db)
                guard registration.group == nil || registration.group?.lowercased() == own.name.lowercased() else {
                    throw ServiceError(
                        .forbidden, "runner \(registration.name)", "its registration token is for group \(own.name)")
                }
                registration.group = own.name
            }
            return try Self.insert(registration, by: principal, on: db)
        }
    }

    /// Lets the runner finish what it has and take nothing more, or takes that back. Throws ``ServiceError`` `not_found`.
    public func setDraining(_ id: RunnerID, _ isDraining: Bool, by principal: Principal) async throws -> Runner {
        try await change(id, "draining", by: principal) { before in
            (before.isDraining ? "true" : "false", isDraining ? "true" : "false")
        } _: {
            $0.set("draining", isDraining)
        }
    }

    /// Keeps the runner from taking jobs, for a reason that is shown to who waits; nil lets it go on. Throws
    /// ``ServiceError`` `not_found`, `invalid_input`.
    public func setPaused(_ id: RunnerID, _ reason: String?, by principal: Principal) async throws -> Runner {
        if let reason { try InputCheck.name(reason, "the reason of the pause", limit: 255) }
        return try await change(id, "paused_reason", by: principal) { before in
            (before.pausedReason ?? "", reason ?? "")
        } _: {
            $0.set("paused_reason", reason)
        }
    }

    private func change(
        _ id: RunnerID, _ key: String, by principal: Principal,
        _ texts: @escaping @Sendable (Runner) -> (String, String),
        _ set: @escaping @Sendable (Update) -> Update
    ) async throws -> Runner {
        try await services.access.check(.runnerUpdate, .runner(id), by: principal)
        return try await services.transaction { db, _ in
            let before = try RunnerRows.locked(id, on: db).runner
            try db.run(set(Update("actions_runners")).where("id = \(id)"))
            let (old, new) = texts(before)
            try AuditLog.record(
                AuditEntry(
                    .runnerUpdate, .runner, id.rawValue, repository: before.scope.repository,
                    organization: before.scope.organization, before: [(key, .string(old))],
                    after: [(key, .string(new))]), by: principal, on: db)
            return try RunnerRows.one(id, on: db).runner
        }
    }
}
