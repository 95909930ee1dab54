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
        /// For people, who know no ids of executions.
        var title: String
        /// It was told that its claim is lost.
        var isAbandoned = false
    }

    private struct State {
        var running: [ExecutionID: Job] = [:]
        var failure: (job: String, error: any Error)?

        mutating func add(_ message: JobMessage, _ signal: StopSignal, _ runner: RunnerID) {
            running[message.execution.id] = Job(
                signal: signal, token: message.assignment.token, runner: runner, title: message.title)
        }
    }

    /// Where a job is executed.
    typealias Host = @Sendable (JobMessage) async throws -> HostSettings
    /// Ends a job; returns jobs that were taken in its place.
    typealias End = @Sendable (Completion, RunnerID) async throws -> [JobMessage]

    private let services: Services
    private let principal: Principal
    /// Whether jobs are given a token: those of servers are. A run by hand has the rights of who started it anyway.
    private let issuesTokens: Bool
    private let end: End
    /// Told of a job whose result is refused, as it was taken back or ended by others, which was not known here.
    private let refused: @Sendable (_ job: String) -> Void
    private let state = Mutex(State())

    init(
        services: Services, principal: Principal, issuesTokens: Bool = false,
        refused: @escaping @Sendable (_ job: String) -> Void = { _ in }, end: @escaping End
    ) {
        self.services = services
        self.principal = principal
        self.issuesTokens = issuesTokens
        self.refused = refused
        self.end = end
    }

    /// The first error that was no job's own: the database is gone.
    var failure: (any Error)? { state.withLock { $0.failure?.error } }

    /// The same, told once, with the job that it befell.
    func takeFailure() -> (job: String, error: any Error)? {
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

    /// Executes a claimed job, and those that are taken in its place; `done` is called when one has ended. `host` throws
    /// ``ExecutionError`` where there is no place for a job: it fails then.
    func start(
        _ message: JobMessage, for runner: RunnerID, host: @escaping Host, done: @escaping @Sendable () -> Void
    ) {
        let signal = StopSignal()
        state.withLock { $0.add(message, signal, runner) }
        execute(message, signal, for: runner, host: host, done: done)
    }

    private func execute(
        _ message: JobMessage, _ signal: StopSignal, for runner: RunnerID, host: @escaping Host,
        done: @escaping @Sendable () -> Void
    ) {
        Task.detached { [self] in
            let next = await execute(message, signal, runner, host).map { ($0, StopSignal()) }
            // At once: nobody sees the runner without a job meanwhile.
            state.withLock { state in
                state.running[message.execution.id] = nil
                for (message, signal) in next { state.add(message, signal, runner) }
            }
            for (message, signal) in next { execute(message, signal, for: runner, host: host, done: done) }
            done()
        }
    }

    /// Tells a job to stop, once.
    func stop(_ id: ExecutionID, _ cause: StopSignal.Cause) {
        let signal = state.withLock { $0.running[id]?.signal }
        if let signal, signal.cause == nil { signal.request(cause) }
    }

    /// Kills what a job runs: its claim is no longer the live one. Returns which job it was and of which runner, nil when
    /// it has ended here.
    func abandon(_ token: JobToken) -> (title: String, runner: RunnerID)? {
        let job = state.withLock { state -> Job? in
            guard state.running[token.executionID]?.token == token else { return nil }
            state.running[token.executionID]?.isAbandoned = true
            return state.running[token.executionID]
        }
        guard let job else { return nil }
        job.signal.force()
        return (job.title, job.runner)
    }

    /// Kills everything that runs.
    func stopAll() {
        for job in state.withLock({ Array($0.running.values) }) { job.signal.force() }
    }

    private func execute(
        _ message: JobMessage, _ signal: StopSignal, _ runner: RunnerID,
        _ host: Host
    ) async -> [JobMessage] {
        let reporter = JobReporter(
            services: services, assignment: message.assignment, stop: signal, principal: principal)
        do {
            let settings: HostSettings
            do {
                settings = try await withToken(for: message, withStoredSecrets(for: message, host(message)))
            } catch let error as ExecutionError {
                return try await end(
                    Completion(message.assignment.token, .failure, reason: .setupFailed, message: error.message), runner
                )
            }
            let outcome = await JobExecutor(message: message, host: settings, reporter: reporter, stop: signal).run()
            let rest = try await reporter.finish()
            return try await end(
                Completion(
                    message.assignment.token, outcome.conclusion, reason: outcome.reason, message: outcome.message,
                    outputs: outcome.outputs, reports: (message.assignment, rest)), runner)
        } catch let error as ServiceError where error.code == .staleAssignment {
            // The job was ended by someone else meanwhile: what is stored stands.
            let isKnown = state.withLock { state in
                state.running[message.execution.id]?.isAbandoned == true || signal.cause == .cancelled
            }
            if !isKnown { refused(message.title) }
            return []
        } catch {
            state.withLock { $0.failure = $0.failure ?? (message.title, error) }
            return []
        }
    }

    /// The host's settings with the secrets that are stored for the job; those that the caller gave go before them. Throws
    /// ``ExecutionError`` for one that does not open, and where the audit log does not take that they are read.
    private func withStoredSecrets(
        for message: JobMessage, _ host: HostSettings
    ) async throws -> HostSettings {
        guard let secrets = services.secrets else { return host }
        let stored: JobSecrets
        do {
            stored = try await secrets.secrets(
                for: message.assignment.token, passing: message.secretPassing, by: principal)
        } catch let error as CryptographyError {
            throw ExecutionError("The job's secrets cannot be read: \(error)")
        } catch let error as StorageError where !error.isPassing {
            throw ExecutionError("The job's secrets cannot be read: \(error)")
        }
        func texts(_ values: [String: SecretBytes]) -> [String: String] {
            values.filter { host.secrets[$0.key] == nil }.mapValues { value in
                value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
        }
        var own = host
        own.secrets.merge(texts(stored.shared)) { $1 }
        own.environmentSecrets = texts(stored.environment)
        return own
    }

    /// The host's settings with the job's own token, unless the caller gave another: GitHub's `secrets.GITHUB_TOKEN` and
    /// `github.token`.
    private func withToken(for message: JobMessage, _ host: HostSettings) async throws -> HostSettings {
        guard issuesTokens, host.secrets["GITHUB_TOKEN"] == nil else { return host }
        var host = host
        host.secrets["GITHUB_TOKEN"] = try await services.tokens.issue(for: message, by: principal)
        return host
    }
}

extension JobMessage {
    fileprivate var title: String { "job \(execution.name) of run \(run.id)" }
}
