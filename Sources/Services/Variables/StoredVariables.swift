internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The stored variables that become `vars`. The narrowest owner goes first: environment, repository, organization.
enum StoredVariables {
    /// Those that every job of the repository has, the more general first.
    static func query(_ repository: Repository) -> Select {
        var owners: [SQL] = [SecretOwner.repository(repository.id).condition]
        if let organization = repository.organizationID {
            owners.append(OrganizationSetting.variable.visible(organization, to: repository.id))
        }
        return Select("name", "value").from("actions_variables AS s").where(.any(owners))
            .orderBy("CASE WHEN repository_id IS NULL THEN 0 ELSE 1 END")
    }

    /// `given`, a JSON object, with what it does not have from the rows of ``query(_:)``.
    static func merged(_ given: String, _ rows: Rows) throws -> String {
        if rows.isEmpty { return given }
        var stored: [String: String] = [:]
        for row in rows { stored[try row["name"] as String] = try row["value"] as String }
        guard case .object(let object) = try ExpressionValue(json: given) else { return given }
        for pair in object.pairs { stored[pair.key.uppercased()] = nil }
        let rest = stored.sorted { $0.key < $1.key }.map { ($0.key, ExpressionValue.string($0.value)) }
        return ExpressionValue.object(ExpressionObject(rest + object.pairs.map { ($0.key, $0.value) })).json(
            pretty: false)
    }

    /// `vars` of a job that deploys to the environment.
    static func merged(
        _ variables: ExpressionValue?, environment: String, of repository: RepositoryID,
        on db: isolated any StorageConnection
    ) throws -> ExpressionValue? {
        let owner = SecretOwner.environment(repository, environment)
        let rows = try db.run(Select("name", "value").from("actions_variables").where(owner.condition))
        if rows.isEmpty { return variables }
        var pairs: [(String, ExpressionValue)] = []
        for row in rows { pairs.append((try row["name"], .string(try row["value"]))) }
        let names = Set(pairs.map(\.0))
        if case .object(let object)? = variables {
            pairs += object.pairs.filter { !names.contains($0.key.uppercased()) }.map { ($0.key, $0.value) }
        }
        return .object(ExpressionObject(pairs))
    }
}
