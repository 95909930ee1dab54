internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension WorkflowService {
    /// A version: from memory, else from its stored text.
    func version(
        _ id: Int64, _ changes: Changes, on db: isolated any StorageConnection
    ) throws -> LoadedVersion {
        if let known = changes.fresh.versions[id] ?? services.cache.version(id) { return known }
        let results = try db.run([
            Select("v.yaml_content", "w.filename").from("actions_workflow_versions AS v")
                .join("actions_workflows AS w", on: "w.id = v.workflow_id").where("v.id = \(id)"),
            Self.definitions(of: id),
        ])
        guard let row = results[0].first else {
            throw ServiceError(.notFound, "workflow version \(id)", "there is no such version")
        }
        let file: String = try row["filename"]
        // Stored by a call that needs no triggers, or by one that checked them: they are not asked for again.
        let result = WorkflowParser(requiringTriggers: false, requiringNeeds: false, linting: false).parse(
            try row["yaml_content"], file: file)
        guard let workflow = result.workflow else {
            var error = ServiceError(
                .invalidWorkflow, file, result.diagnostics.first?.message ?? "it cannot be parsed")
            error.diagnostics = result.diagnostics
            throw error
        }
        let loaded = LoadedVersion(workflow: workflow, definitions: try Self.keyed(results[1]))
        changes.fresh.versions[id] = loaded
        return loaded
    }

    /// Keeps a parsed workflow that is stored as that version, so that its text is not parsed again.
    func keep(
        _ workflow: Workflow, as version: Int64, _ changes: Changes, on db: isolated any StorageConnection
    ) throws {
        guard changes.fresh.versions[version] == nil, services.cache.version(version) == nil else { return }
        let definitions = try Self.keyed(try db.run(Self.definitions(of: version)))
        changes.fresh.versions[version] = LoadedVersion(workflow: workflow, definitions: definitions)
    }

    static func definitions(of version: Int64) -> Select {
        Select("id", "job_key").from("actions_jobs").where("version_id = \(version)")
    }

    static func keyed(_ rows: Rows) throws -> [String: Int64] {
        var definitions: [String: Int64] = [:]
        for row in rows { definitions[try row["job_key"]] = try row["id"] }
        return definitions
    }
}
