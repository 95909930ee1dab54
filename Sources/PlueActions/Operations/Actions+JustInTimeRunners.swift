public import Model
internal import Services

extension Actions {
    /// Makes a runner for one job, offline, and the secret text with which a process starts it, once and within `lifetime`
    /// (GitHub's `generate-jitconfig`): `plue runner start --jitconfig -`, or ``startJITRunner(_:capabilities:by:)``. The
    /// text is given here and kept nowhere. Throws `invalid_input`, `not_found` for its repository or group, `limit`.
    public func generateJITConfig(
        name: String, labels: [String] = [], scope: RunnerScope = .global, group: String? = nil,
        lifetime: Duration = .seconds(3600), by principal: Principal
    ) async throws -> JITRunner {
        try await Self.mapped(by: principal) {
            var registration = RunnerRegistration(name: name, labels: labels, scope: scope)
            registration.group = group
            let made = try await services.runners.generateJITConfig(registration, lifetime: lifetime, by: principal)
            return JITRunner(runner: Runner(made.runner), encodedConfig: made.encoded)
        }
    }

    /// Makes the caller the runner of that configuration, for one job at a time; it is offline until
    /// ``updateRunnerStatus(_:_:by:)``. Throws `invalid_input` for a text that is no configuration, `forbidden` for one that
    /// was used, is too old, or whose runner is gone.
    public func startJITRunner(
        _ encodedConfig: String, capabilities: RunnerCapabilities = RunnerCapabilities(), by principal: Principal
    ) async throws -> Runner {
        try await Self.mapped(by: principal) {
            Runner(try await services.runners.startJIT(encodedConfig, capabilities: capabilities, by: principal))
        }
    }
}
