internal import Model
internal import QueryBuilder
internal import Storage

/// Runner groups as they are read: with the repositories and workflows that they name.
enum RunnerGroupRows {
    /// The groups that `condition` says of `g`, by name.
    static func load(
        where condition: SQL, on db: isolated any StorageConnection
    ) throws -> [RunnerGroup] {
        let chosen = Select("g.id").from("actions_runner_groups AS g").where(condition)
        let results = try db.run([
            Select("g.*").from("actions_runner_groups AS g").where(condition).orderBy("g.name_folded, g.id"),
            Select("group_id", "repository_id").from("actions_runner_group_repositories")
                .where("group_id IN \(chosen)"),
            Select("group_id", "repository", "path", "ref").from("actions_runner_group_workflows")
                .where("group_id IN \(chosen)").orderBy("repository, path, ref"),
        ])
        var repositories: [Int64: Set<RepositoryID>] = [:]
        for row in results[1] {
            repositories[try row["group_id"], default: []].insert(ID(try row["repository_id"]))
        }
        var workflows: [Int64: [SelectedWorkflow]] = [:]
        for row in results[2] {
            workflows[try row["group_id"], default: []].append(
                SelectedWorkflow(repository: try row["repository"], path: try row["path"], ref: try row["ref"]))
        }
        return try results[0].map { row in
            var group = try RunnerGroup(row)
            group.repositories = repositories[group.id.rawValue] ?? []
            group.selectedWorkflows = workflows[group.id.rawValue] ?? []
            return group
        }
    }

    /// Throws ``ServiceError`` `not_found`.
    static func one(_ id: RunnerGroupID, on db: isolated any StorageConnection) throws -> RunnerGroup {
        guard let group = try load(where: "g.id = \(id)", on: db).first else {
            throw ServiceError(.notFound, "runner group \(id)", "there is no such group")
        }
        return group
    }

    /// That of an organization (nil: of the installation). Throws ``ServiceError`` `not_found`.
    static func one(
        _ name: String, of organization: Int64?, on db: isolated any StorageConnection
    ) throws -> RunnerGroup {
        let owner: SQL =
            if let organization { "g.organization_id = \(organization)" } else { "g.organization_id IS NULL" }
        guard let group = try load(where: "g.name_folded = \(name.lowercased()) AND \(owner)", on: db).first else {
            let place = organization.map { "organization \($0) has" } ?? "there is"
            throw ServiceError(.notFound, "runner group \(name)", "\(place) no such group")
        }
        return group
    }

    /// Fills in the groups of runners.
    static func load(into runners: inout [(runner: Runner, live: Int64)], on db: isolated any StorageConnection) throws
    {
        let ids = Set(runners.compactMap(\.runner.groupID?.rawValue)).sorted()
        if ids.isEmpty { return }
        let groups = try load(where: "g.id IN \(ids)", on: db)
        let known = Dictionary(uniqueKeysWithValues: groups.map { ($0.id, $0) })
        for index in runners.indices {
            runners[index].runner.group = runners[index].runner.groupID.flatMap { known[$0] }
        }
    }
}
