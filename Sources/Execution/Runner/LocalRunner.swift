internal import CLinux
internal import Cryptography
internal import Glibc
public import Model
public import Services
internal import Storage
internal import Synchronization

/// Takes the jobs of its own runs from the queue and executes them on this host, several at once.
///
/// It speaks to the services as a runner of another process would: claim, report, complete.
public final class LocalRunner: Sendable {
    /// How often other processes' changes are looked for: a cancel, a freed concurrency group.
    private static let pollInterval = Duration.milliseconds(250)

    private struct State {
        var running: [ExecutionID: StopSignal] = [:]
        var failure: (any Error)?
        /// What the live events told, to find what another process ended.
        var toldRuns: Set<RunID> = []
        var toldJobs: Set<ExecutionID> = []
    }

    public let runner: Runner
    private let services: Services
    private let host: HostSettings
    private let state = Mutex(State())
    private let principal: Principal

    public init(runner: Runner, services: Services, host: HostSettings) {
        self.runner = runner
        self.services = services
        self.host = host
        principal = Principal(.runner, runner.name)
        _ = plue_become_subreaper()
    }

    /// Executes jobs until all of those runs have ended. Throws what the services throw, the database being gone, once
    /// nothing runs any more.
    public func run(until runs: [RunID]) async throws {
        do {
            try await work(until: runs)
        } catch {
            stopAll()
            while state.withLock({ !$0.running.isEmpty }) { try? await Task.sleep(for: .milliseconds(10)) }
            throw error
        }
    }

    private func work(until runs: [RunID]) async throws {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let events = services.events.subscribe()
        var open = Set(runs)
        let listener = Task.detached { [self] in
            for await event in events {
                switch event {
                case .cancelRequested(let id): stop(id, .cancelled)
                case .jobFinished(let job, _): state.withLock { _ = $0.toldJobs.insert(job.id) }
                case .jobQueued: wake.yield()
                case .runFinished(let run):
                    state.withLock { _ = $0.toldRuns.insert(run.id) }
                    wake.yield()
                default: continue
                }
            }
        }
        let ticker = Task.detached {
            while (try? await Task.sleep(for: Self.pollInterval)) != nil { wake.yield() }
        }
        defer {
            listener.cancel()
            ticker.cancel()
        }
        wake.yield()
        var polls = ContinuousClock.now
        for await _ in wakes {
            if let failure = state.withLock({ $0.failure }) { throw failure }
            try await claim(wake)
            if ContinuousClock.now - polls >= Self.pollInterval {
                polls = .now
                try await poll()
            }
            // A run cannot have ended while a job of it is executed here.
            guard state.withLock({ $0.running.isEmpty }) else { continue }
            open = try await services.runs.open(among: open)
            if open.isEmpty { return try await tellEnds(of: runs) }
        }
    }

    /// Live events of what another process ended, such as a run that waited and was cancelled.
    private func tellEnds(of runs: [RunID]) async throws {
        for run in runs {
            let (isTold, jobs) = state.withLock { ($0.toldRuns.contains(run), $0.toldJobs) }
            if !isTold { try await services.runs.tellEnd(of: run, except: jobs) }
        }
    }

    /// Kills everything that runs.
    public func stopAll() {
        for stop in state.withLock({ Array($0.running.values) }) { stop.force() }
    }

    private func stop(_ id: ExecutionID, _ cause: StopSignal.Cause) {
        let signal = state.withLock { $0.running[id] }
        if let signal, signal.cause == nil { signal.request(cause) }
    }

    private func poll() async throws {
        let running = state.withLock { Array($0.running.keys) }
        guard !running.isEmpty else { return }
        for id in try await services.runners.cancelRequests(among: running) { stop(id, .cancelled) }
    }

    private func claim(_ wake: AsyncStream<Void>.Continuation) async throws {
        let free = Int(runner.maxParallelJobs) - state.withLock { $0.running.count }
        guard free > 0 else { return }
        for message in try await services.queue.claim(runner: runner, limit: free, by: principal) {
            let signal = StopSignal()
            state.withLock { $0.running[message.execution.id] = signal }
            Task.detached { [self] in
                await execute(message, signal)
                state.withLock { $0.running[message.execution.id] = nil }
                wake.yield()
            }
        }
    }

    private func execute(_ message: JobMessage, _ signal: StopSignal) async {
        let reporter = JobReporter(
            services: services, assignment: message.assignment, stop: signal, principal: principal)
        do {
            let host = try await withStoredSecrets(for: message)
            let outcome = await JobExecutor(message: message, host: host, reporter: reporter, stop: signal).run()
            try await reporter.finish()
            try await services.runners.complete(
                message.assignment.token, outcome.conclusion, reason: outcome.reason, message: outcome.message,
                outputs: outcome.outputs, by: principal)
        } catch let error as ServiceError where error.code == .staleAssignment {
            // The job was ended by someone else meanwhile: what is stored stands.
            return
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
    }

    /// The host's settings with the secrets that are stored for the job; those that the caller gave go before them.
    private func withStoredSecrets(for message: JobMessage) async throws -> HostSettings {
        guard let secrets = services.secrets else { return host }
        var host = host
        for (name, value) in try await secrets.values(for: message.assignment.token, by: principal)
        where host.secrets[name] == nil {
            host.secrets[name] = value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        return host
    }
}
