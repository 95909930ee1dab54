public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Environments that jobs deploy to: their rules, and the jobs that wait for these.
public struct EnvironmentService: Sendable {
    private static let mostReviewers = 100
    private static let mostRefs = 200
    /// Thirty days.
    private static let longestWait: Int64 = 43_200

    let services: Services

    /// Those of a repository, by name.
    public func list(
        in repository: RepositoryID, by principal: Principal
    ) async throws -> [DeploymentEnvironment] {
        try await services.access.check(.environmentRead, .repository(repository), by: principal)
        return try await services.backend.read { db in
            try EnvironmentRows.load("e.repository_id = \(repository)", on: db)
        }
    }

    /// Throws ``ServiceError`` `not_found`.
    public func get(
        _ name: String, in repository: RepositoryID, by principal: Principal
    ) async throws -> DeploymentEnvironment {
        try await services.access.check(.environmentRead, .repository(repository), by: principal)
        return try await services.backend.read { db in try EnvironmentRows.one(name, in: repository, on: db) }
    }

    /// Makes the environment, or changes its rules: `change` is given those that hold. Jobs that wait meet the new rules;
    /// the branch is asked once, when a job reaches the environment. Throws ``ServiceError`` `invalid_input`, `not_found`
    /// for the repository.
    @discardableResult
    public func set(
        _ name: String, in repository: RepositoryID, by principal: Principal,
        _ change: @escaping @Sendable (inout EnvironmentRules) throws -> Void
    ) async throws -> DeploymentEnvironment {
        try await services.access.check(.environmentUpdate, .repository(repository), by: principal)
        try InputCheck.name(name, "the environment", limit: 255)
        let services = services
        return try await services.transaction { db, changes in
            try db.lock(Select("id").from("actions_repositories").where("id = \(repository)"))
            _ = try RepositoryService.repository(repository, on: db)
            try EnvironmentRows.lock(name, in: repository, on: db)
            let before = try EnvironmentRows.find(name, in: repository, on: db)
            var rules = before?.rules ?? EnvironmentRules()
            try change(&rules)
            try Self.check(rules)
            let after = try EnvironmentRows.store(name, rules, in: repository, before: before, on: db)
            try AuditLog.record(
                AuditEntry(
                    before == nil ? .environmentCreate : .environmentUpdate, .environment, after.id.rawValue,
                    repository: repository, before: before.map { Self.fields($0) } ?? [], after: Self.fields(after)),
                by: principal, on: db)
            try Gates.restart(after, since: before?.rules, on: db)
            try Gates.passDue("g.environment_id = \(after.id)", services, changes, by: principal, on: db)
            return after
        }
    }

    /// Takes the rules away; jobs that wait for them fail. Throws ``ServiceError`` `not_found`.
    public func delete(_ name: String, in repository: RepositoryID, by principal: Principal) async throws {
        try await services.access.check(.environmentUpdate, .repository(repository), by: principal)
        let services = services
        try await services.transaction { db, changes in
            try db.lock(Select("id").from("actions_repositories").where("id = \(repository)"))
            try EnvironmentRows.lock(name, in: repository, on: db)
            let found = try EnvironmentRows.one(name, in: repository, on: db)
            let open = try Gates.open("g.environment_id = \(found.id)", limit: .max, on: db)
            for gate in open {
                let scheduler = try changes.scheduler(gate.runID, services: services, by: principal, on: db)
                try scheduler.reject(
                    gate, reason: .environmentDeleted, message: "environment \(found.name) was deleted", on: db)
            }
            try db.run(Delete("actions_environments").where("id = \(found.id)"))
            try AuditLog.record(
                AuditEntry(
                    .environmentDelete, .environment, found.id.rawValue, repository: repository,
                    before: Self.fields(found)), by: principal, on: db)
            try changes.drain(on: db)
        }
    }

    private static func check(_ rules: EnvironmentRules) throws {
        guard (0...longestWait).contains(rules.waitMinutes) else {
            throw ServiceError(
                .invalidInput, "a wait timer of \(rules.waitMinutes) minutes", "expected 0 to \(longestWait)")
        }
        guard rules.reviewers.count <= mostReviewers, rules.refs.count <= mostRefs else {
            throw ServiceError(
                .invalidInput, "the rules of the environment",
                "at most \(mostReviewers) reviewers and \(mostRefs) branches and tags")
        }
        for login in rules.reviewers { try InputCheck.name(login, "the reviewer", limit: 255) }
        for ref in rules.refs {
            try InputCheck.name(ref.pattern, "the \(ref.kind.rawValue) pattern", limit: 1_024)
            let fault =
                ref.pattern.hasPrefix("!") ? "it cannot exclude" : FilterPattern.fault(of: ref.pattern, for: .ref)
            if let fault {
                throw ServiceError(.invalidInput, "the \(ref.kind.rawValue) pattern \(ref.pattern)", fault)
            }
        }
    }

    private static func fields(_ environment: DeploymentEnvironment) -> AuditEntry.Fields {
        func list(_ texts: [String]) -> ExpressionValue { .array(ExpressionArray(texts.map { .string($0) })) }
        let rules = environment.rules
        return [
            ("name", .string(environment.name)), ("reviewers", list(rules.reviewers)),
            ("wait_minutes", .number(Double(rules.waitMinutes))),
            ("refs", list(rules.refs.map { "\($0.kind.rawValue):\($0.pattern)" })),
            ("prevents_self_review", .boolean(rules.preventsSelfReview)),
        ]
    }
}
