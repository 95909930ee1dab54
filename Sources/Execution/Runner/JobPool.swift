internal import Cryptography
internal import Model
internal import Services
internal import Storage
internal import Synchronization

/// The jobs that one process executes at the moment, each in a task of its own.
final class JobPool: Sendable {
    private struct Job {
        var signal: StopSignal
        var token: JobToken
        var runner: RunnerID
    }

    private struct State {
        var running: [ExecutionID: Job] = [:]
        var failure: (any Error)?
    }

    private let services: Services
    private let principal: Principal
    private let state = Mutex(State())

    init(services: Services, principal: Principal) {
        self.services = services
        self.principal = principal
    }

    /// The first error that was no job's own: the database is gone.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// The same, told once.
    func takeFailure() -> (any Error)? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }

    var count: Int { state.withLock { $0.running.count } }

    var executions: [ExecutionID] { state.withLock { Array($0.running.keys) } }

    var tokens: [JobToken] { state.withLock { $0.running.values.map(\.token) } }

    func count(of runner: RunnerID) -> Int {
        state.withLock { state in state.running.values.count { $0.runner == runner } }
    }

    /// Executes a claimed job; `end` is called when it is done. `host` throws ``ExecutionError`` where there is no place
    /// for it: the job fails then.
    func start(
        _ message: JobMessage, for runner: RunnerID, host: @escaping @Sendable () async throws -> HostSettings,
        end: @escaping @Sendable () -> Void
    ) {
        let signal = StopSignal()
        let job = Job(signal: signal, token: message.assignment.token, runner: runner)
        state.withLock { $0.running[message.execution.id] = job }
        Task.detached { [self] in
            await execute(message, signal, host)
            state.withLock { $0.running[message.execution.id] = nil }
            end()
        }
    }

    /// Tells a job to stop, once.
    func stop(_ id: ExecutionID, _ cause: StopSignal.Cause) {
        let signal = state.withLock { $0.running[id]?.signal }
        if let signal, signal.cause == nil { signal.request(cause) }
    }

    /// Kills what a job runs: its claim is no longer the live one.
    func abandon(_ token: JobToken) {
        let job = state.withLock { $0.running[token.executionID] }
        if let job, job.token == token { job.signal.force() }
    }

    /// Kills everything that runs.
    func stopAll() {
        for job in state.withLock({ Array($0.running.values) }) { job.signal.force() }
    }

    private func execute(
        _ message: JobMessage, _ signal: StopSignal, _ host: @Sendable () async throws -> HostSettings
    ) async {
        let reporter = JobReporter(
            services: services, assignment: message.assignment, stop: signal, principal: principal)
        do {
            let settings: HostSettings
            do {
                settings = try await withStoredSecrets(for: message, host())
            } catch let error as ExecutionError {
                return try await services.runners.complete(
                    message.assignment.token, .failure, reason: .setupFailed, message: error.message, by: principal)
            }
            let outcome = await JobExecutor(message: message, host: settings, reporter: reporter, stop: signal).run()
            let rest = try await reporter.finish()
            try await services.runners.complete(
                Completion(
                    message.assignment.token, outcome.conclusion, reason: outcome.reason, message: outcome.message,
                    outputs: outcome.outputs, reports: (message.assignment, rest)), by: principal)
        } catch let error as ServiceError where error.code == .staleAssignment {
            // The job was ended by someone else meanwhile: what is stored stands.
            return
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
    }

    /// The host's settings with the secrets that are stored for the job; those that the caller gave go before them.
    private func withStoredSecrets(
        for message: JobMessage, _ host: HostSettings
    ) async throws -> HostSettings {
        guard let secrets = services.secrets else { return host }
        var host = host
        for (name, value) in try await secrets.values(for: message.assignment.token, by: principal)
        where host.secrets[name] == nil {
            host.secrets[name] = value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        return host
    }
}
