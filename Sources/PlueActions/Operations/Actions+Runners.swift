public import Model
internal import Services

extension Actions {
    /// Makes a runner; it is offline until ``updateRunnerStatus(_:_:by:)``. Beside its own labels it has those of the
    /// system: `self-hosted`, its os, each architecture, `docker`. Throws `invalid_input`, `not_found` for its repository or
    /// group, `limit`.
    ///
    /// - Parameters:
    ///   - group: the name of a group of the scope's organization, or of the installation.
    ///   - isEphemeral: it takes one job; ``unregisterRunner(_:by:)`` takes it away with the end of that.
    public func registerRunner(
        name: String, labels: [String] = [], scope: RunnerScope = .global,
        capabilities: RunnerCapabilities = RunnerCapabilities(), group: String? = nil, isEphemeral: Bool = false,
        by principal: Principal
    ) async throws -> Runner {
        try await Self.mapped(by: principal) {
            var registration = RunnerRegistration(name: name, labels: labels, scope: scope, capabilities: capabilities)
            registration.group = group
            registration.isEphemeral = isEphemeral
            return Runner(try await services.runners.register(registration, by: principal))
        }
    }

    /// Throws `not_found`.
    public func getRunner(_ id: RunnerID, by principal: Principal) async throws -> Runner {
        try await Self.mapped(by: principal) { Runner(try await services.runners.get(id, by: principal)) }
    }

    /// The newest first; nil: of every scope.
    public func listRunners(
        scope: RunnerScope? = nil, after cursor: PageCursor<Runner>? = nil, limit: Int = 50, by principal: Principal
    ) async throws -> Page<Runner> {
        try await Self.mapped(by: principal) {
            try await services.runners.list(
                scope: scope, after: cursor.map { PageCursor($0.position) }, limit: limit, by: principal
            ).map { Runner($0) }
        }
    }

    /// Throws `not_found`.
    @discardableResult
    public func updateRunnerStatus(
        _ id: RunnerID, _ status: RunnerStatus, by principal: Principal
    ) async throws -> Runner {
        try await Self.mapped(by: principal) {
            Runner(try await services.runners.updateStatus(id, status, by: principal))
        }
    }

    /// A sign of life. Throws `not_found`.
    public func heartbeat(_ id: RunnerID, by principal: Principal) async throws {
        try await Self.mapped(by: principal) { try await services.runners.heartbeat(id, by: principal) }
    }

    /// Takes a runner away; the jobs that it executes fail with reason `runner_lost`. Throws `not_found`.
    public func unregisterRunner(_ id: RunnerID, by principal: Principal) async throws {
        try await Self.mapped(by: principal) { try await services.runners.unregisterKnown(id, by: principal) }
    }

    /// Those of the executions that someone asked to stop.
    public func getCancelRequests(
        among executions: [JobExecutionID], by principal: Principal
    ) async throws -> [JobExecutionID] {
        try await mapped(.runnerWork, .installation, by: principal) {
            try await services.runners.cancelRequests(among: executions)
        }
    }
}
