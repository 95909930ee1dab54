public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunnerService {
    /// Makes a runner for one job, offline, and the secret text with which a process starts it, once and within an hour
    /// (GitHub's `generate-jitconfig`). The text is given here and kept nowhere. What the runner can do is told when it
    /// starts. Throws as ``register(_:by:)``.
    public func generateJITConfig(
        _ registration: RunnerRegistration, lifetime: Duration = .seconds(3600), by principal: Principal
    ) async throws -> (runner: Runner, encoded: String) {
        try await services.access.check(.runnerUpdate, AccessTarget(registration.scope), by: principal)
        var registration = registration
        registration.isEphemeral = true
        registration.capabilities = RunnerCapabilities(supportedArchitectures: [])
        try registration.check()
        let checked = registration
        return try await services.transaction { db, _ in
            let runner = try Self.insert(checked, by: principal, on: db)
            let config = JITConfig(runner: runner.id)
            try db.run(
                Insert("actions_jit_configs").values([
                    "runner_id": runner.id, "sha256": config.sha256, "created_by": principal.name, "created_at": .now,
                    "expires_at": .now(plus: lifetime),
                ]))
            return (runner, config.text)
        }
    }

    /// Makes the caller the runner of that configuration, with what this host can do; one job at a time. It is offline
    /// until it says otherwise. Throws ``ServiceError`` `invalid_input` for a text that is no configuration, `forbidden` for
    /// one that was used, is too old, or whose runner is gone.
    public func startJIT(
        _ encoded: String, capabilities: RunnerCapabilities, by principal: Principal
    ) async throws -> Runner {
        let config = try JITConfig(encoded)
        let started = try await services.transaction { db, _ in
            func refused(_ message: String) -> ServiceError {
                ServiceError(.forbidden, "just-in-time configuration", "\(message): make a new one")
            }
            // The order in which all lock: the runner first.
            try db.lock(Select("id").from("actions_runners").where("id = \(config.runner)"))
            let row = try db.first(
                Select("used_at", "CASE WHEN expires_at > \(.now) THEN 1 ELSE 0 END AS is_young")
                    .from("actions_jit_configs").where("runner_id = \(config.runner)")
                    .and("sha256 = \(config.sha256)"))
            guard let row else { throw refused("it is not known here, or its runner was removed") }
            guard try row["used_at"] as Timestamp? == nil else { throw refused("it was used") }
            guard try row["is_young"] as Int64 == 1 else { throw refused("it is too old") }
            try db.run(
                Update("actions_jit_configs").set("used_at", .now).where("runner_id = \(config.runner)"))
            var own = capabilities
            own.maxParallelJobs = 1
            try Self.setCapabilities(own, of: config.runner, by: principal, on: db)
            return try RunnerRows.one(config.runner, on: db).runner
        }
        services.labelSets.forget(started.id)
        return started
    }

    /// Only of a runner that never was online: what others remember of its labels stays true. Those of the system follow.
    private static func setCapabilities(
        _ capabilities: RunnerCapabilities, of id: RunnerID, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws {
        let before = try RunnerRows.one(id, on: db).runner
        let own = try db.run(
            Select("label").from("actions_runner_labels").where("runner_id = \(id)").and("kind = 'custom'"))
        let registration = RunnerRegistration(
            name: before.name, labels: try own.map { row in try row["label"] }, scope: before.scope,
            capabilities: capabilities)
        try registration.check()
        try db.run(
            Update("actions_runners").set("os", capabilities.os.lowercased())
                .set("arch", capabilities.supportedArchitectures.first?.lowercased() ?? "")
                .set("version", capabilities.version).set("max_parallel_jobs", capabilities.maxParallelJobs)
                .set("supported_architectures", .json(capabilities.architecturesJSON))
                .set("docker_enabled", capabilities.dockerEnabled).where("id = \(id)"))
        try db.run(Delete("actions_runner_labels").where("runner_id = \(id)"))
        try store(registration.allLabels, of: id, on: db)
        let labels = registration.allLabels.map(\.label).sorted().joined(separator: ", ")
        try AuditLog.record(
            AuditEntry(
                .runnerUpdate, .runner, id.rawValue, repository: before.scope.repository,
                organization: before.scope.organization,
                before: [("labels", .string(before.labels.joined(separator: ", ")))],
                after: [("labels", .string(labels))]), by: principal, on: db)
    }
}
