internal import CLinux
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
    /// Wait timers of environments count minutes.
    private static let gateInterval = Duration.seconds(1)

    private struct State {
        /// What the live events told, to find what another process ended.
        var toldRuns: Set<RunID> = []
        var toldJobs: Set<ExecutionID> = []
    }

    public let runner: Runner
    private let services: Services
    private let host: HostSettings
    private let state = Mutex(State())
    private let principal: Principal
    private let pool: JobPool

    /// - Parameter origin: as what the audit log knows this process.
    public init(runner: Runner, services: Services, host: HostSettings, origin: CallOrigin = CallOrigin()) {
        self.runner = runner
        self.services = services
        self.host = host
        principal = Principal(.runner, runner.name).calling(from: origin)
        // What its runs' jobs release is claimed when they have ended.
        pool = JobPool(services: services, principal: principal) { [principal] completion, _ in
            try await services.runners.complete(completion, by: principal)
            return []
        }
        _ = plue_become_subreaper()
    }

    /// Executes jobs until all of those runs have ended. Throws what the services throw, the database being gone, once
    /// nothing runs any more.
    public func run(until runs: [RunID]) async throws {
        do {
            try await work(until: runs)
        } catch {
            stopAll()
            while pool.count > 0 { try? await Task.sleep(for: .milliseconds(10)) }
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
                case .cancelRequested(let id): pool.stop(id, .cancelled)
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
        var gates = ContinuousClock.now
        for await _ in wakes {
            if let failure = pool.failure { throw failure }
            try await claim(wake)
            if ContinuousClock.now - polls >= Self.pollInterval {
                polls = .now
                try await poll()
            }
            if ContinuousClock.now - gates >= Self.gateInterval {
                gates = .now
                try await services.environments.passDue(of: open, by: principal)
            }
            // A run cannot have ended while a job of it is executed here.
            guard pool.count == 0 else { continue }
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
        pool.stopAll()
    }

    private func poll() async throws {
        let running = pool.executions
        guard !running.isEmpty else { return }
        for id in try await services.runners.cancelRequests(among: running) { pool.stop(id, .cancelled) }
    }

    private func claim(_ wake: AsyncStream<Void>.Continuation) async throws {
        let free = Int(runner.maxParallelJobs) - pool.count
        guard free > 0 else { return }
        let host = host
        for message in try await services.queue.claim(runner: runner, limit: free, by: principal) {
            pool.start(message, for: runner.id, host: { _ in host }, done: { wake.yield() })
        }
    }
}
