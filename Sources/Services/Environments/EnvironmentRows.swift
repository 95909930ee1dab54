internal import Model
internal import QueryBuilder
internal import Storage

/// Environments as they are stored.
enum EnvironmentRows {
    /// Those of rows `e`, by name, with all of their rules.
    static func load(_ condition: SQL, on db: isolated any StorageConnection) throws -> [DeploymentEnvironment] {
        let ids: SQL = "IN (SELECT e.id FROM actions_environments AS e WHERE \(condition))"
        let results = try db.run([
            Select("e.*").from("actions_environments AS e").where(condition).orderBy("e.name_folded"),
            Select("environment_id", "login").from("actions_environment_reviewers")
                .where("environment_id \(ids)").orderBy("login_folded"),
            Select("environment_id", "kind", "pattern").from("actions_environment_refs")
                .where("environment_id \(ids)").orderBy("kind, pattern"),
        ])
        var reviewers: [EnvironmentID: [String]] = [:]
        for row in results[1] { reviewers[ID(try row["environment_id"]), default: []].append(try row["login"]) }
        var refs: [EnvironmentID: [EnvironmentRules.RefPattern]] = [:]
        for row in results[2] {
            refs[ID(try row["environment_id"]), default: []].append(.init(try row["kind"], try row["pattern"]))
        }
        return try results[0].map { row in
            var environment = try DeploymentEnvironment(row)
            environment.rules.reviewers = reviewers[environment.id] ?? []
            environment.rules.refs = refs[environment.id] ?? []
            return environment
        }
    }

    static func find(
        _ name: String, in repository: RepositoryID, on db: isolated any StorageConnection
    ) throws -> DeploymentEnvironment? {
        try load("e.repository_id = \(repository) AND e.name_folded = \(name.lowercased())", on: db).first
    }

    /// Until the transaction ends nobody else opens a gate of that environment, or changes it.
    static func lock(_ name: String, in repository: RepositoryID, on db: isolated any StorageConnection) throws {
        try db.lock(
            Select("id").from("actions_environments").where("repository_id = \(repository)")
                .and("name_folded = \(name.lowercased())"))
    }

    /// Throws ``ServiceError`` `not_found`.
    static func one(
        _ name: String, in repository: RepositoryID, on db: isolated any StorageConnection
    ) throws -> DeploymentEnvironment {
        guard let found = try find(name, in: repository, on: db) else {
            throw ServiceError(.notFound, "environment \(name)", "the repository has no rules for it")
        }
        return found
    }

    /// Its name stays as it was written first.
    static func store(
        _ name: String, _ rules: EnvironmentRules, in repository: RepositoryID, before: DeploymentEnvironment?,
        on db: isolated any StorageConnection
    ) throws -> DeploymentEnvironment {
        if let before {
            try db.run([
                Update("actions_environments").set("wait_minutes", rules.waitMinutes)
                    .set("prevents_self_review", rules.preventsSelfReview)
                    .set("updated_at", .clampedNow(after: "updated_at")).where("id = \(before.id)"),
                Delete("actions_environment_reviewers").where("environment_id = \(before.id)"),
                Delete("actions_environment_refs").where("environment_id = \(before.id)"),
            ])
        } else {
            try db.run(
                Insert("actions_environments").values([
                    "repository_id": repository, "name": name, "name_folded": name.lowercased(),
                    "wait_minutes": rules.waitMinutes, "prevents_self_review": rules.preventsSelfReview,
                    "created_at": .now, "updated_at": .now,
                ]))
        }
        let id = try before?.id ?? one(name, in: repository, on: db).id
        var seen: Set<String> = []
        let reviewers = rules.reviewers.filter { seen.insert($0.lowercased()).inserted }
        if !reviewers.isEmpty {
            try db.run(
                Insert("actions_environment_reviewers").rows(
                    ["environment_id", "login_folded", "login"], reviewers.map { [id, $0.lowercased(), $0] }))
        }
        let refs = Set(rules.refs)
        if !refs.isEmpty {
            try db.run(
                Insert("actions_environment_refs").rows(
                    ["environment_id", "kind", "pattern"], refs.map { [id, $0.kind.rawValue, $0.pattern] }))
        }
        return try one(name, in: repository, on: db)
    }
}
