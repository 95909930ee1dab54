internal import CLinux
public import Model
public import Services
internal import Storage
internal import Synchronization

/// A server without HTTP: takes jobs from the queue for the runners of this process and executes them here, keeps their
/// leases, and takes back the jobs of any runner that does not speak any more. Any number of processes do this on one
/// database.
public final class RunnerServer: Sendable {
    /// Where a job is executed. Throws ``ExecutionError`` where it cannot be.
    public typealias Host = @Sendable (JobMessage, Runner) async throws -> HostSettings

    /// How often the queue is looked at without having been told, while there is room: where other processes tell by
    /// notifications, which may be lost, less often.
    private var pollInterval: Duration { services.backend is any NotifyingBackend ? .milliseconds(2_500) : .seconds(1) }
    /// How often leases are looked at that nobody renews.
    private static let reapInterval = Duration.seconds(5)
    /// After an error of the database.
    private static let retryInterval = Duration.seconds(1)

    /// Whether runners take jobs.
    private final class Readiness: Sendable {
        enum Phase {
            case working
            /// Finishes what it has.
            case draining
            case stopping
        }

        let phase = Mutex(Phase.working)
        let stopped = Mutex<Set<RunnerID>>([])
        /// Those that were taken away.
        let removed = Mutex<Set<RunnerID>>([])

        var isStopping: Bool { phase.withLock { $0 == .stopping } }

        func isTaking(_ runner: RunnerID) -> Bool {
            phase.withLock { $0 == .working } && stopped.withLock { !$0.contains(runner) }
        }
    }

    private let runners: [Runner]
    private let services: Services
    private let host: Host
    private let duties: ServerDuties?
    private let principal: Principal
    private let pool: JobPool
    private let readiness: Readiness
    /// Why it cannot go on.
    private let fault = Mutex<StorageError?>(nil)
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    /// Told what goes wrong and is tried again.
    private let warn: @Sendable (String) -> Void

    /// - Parameters:
    ///   - duties: what else it does on timers for all of the database; nil: nothing.
    ///   - origin: as what the audit log knows this process.
    public init(
        runners: [Runner], services: Services, duties: ServerDuties? = nil, origin: CallOrigin = CallOrigin(),
        warn: @escaping @Sendable (String) -> Void, host: @escaping Host
    ) {
        self.runners = runners
        self.services = services
        self.host = host
        self.duties = duties
        self.warn = warn
        principal = Principal(.runner, runners.first?.name ?? "server").calling(from: origin)
        let (readiness, principal) = (Readiness(), principal)
        self.readiness = readiness
        pool = JobPool(services: services, principal: principal, issuesTokens: true) { job in
            warn("what became of \(job) was refused: it was taken back or ended meanwhile")
        } end: { completion, runner in
            if readiness.isStopping, completion.conclusion == .cancelled, completion.reason == nil {
                // It was killed with the server: another one executes it.
                try await services.runners.giveBack(completion.token, by: principal)
                return []
            }
            if readiness.isTaking(runner) {
                return try await services.runners.complete(completion, thenClaimFor: runner, by: principal)
            }
            try await services.runners.complete(completion, by: principal)
            return []
        }
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        _ = plue_become_subreaper()
    }

    /// Works until ``drain()`` or ``stop()``, and what runs then has ended. Throws ``StorageError`` `unavailable` when the
    /// database is not the one any more that its address names: what ran was killed then.
    public func run() async throws {
        let listener = Task.detached { [self] in
            for await event in services.events.subscribe() {
                switch event {
                case .cancelRequested(let id): pool.stop(id, .cancelled)
                case .jobQueued: wake.yield()
                default: continue
                }
            }
        }
        let changes = services.runs.follow()
        let notified = Task.detached { [wake] in
            for await _ in changes { wake.yield() }
        }
        let timers =
            [
                Ticker.every(pollInterval) { [wake] in wake.yield() },
                Ticker.every(Lease.heartbeat) { [self] in await renew() },
                Ticker.every(Self.reapInterval) { [self] in await reap() },
            ] + (duties?.start(services, warn: warn) ?? [])
        defer { for task in [listener, notified] + timers { task.cancel() } }
        await renew()
        wake.yield()
        for await _ in wakes {
            if let failure = pool.takeFailure() {
                warn(
                    "\(failure.job) cannot go on, and is taken back when its lease ends: \(failure.error)"
                )
            }
            switch readiness.phase.withLock({ $0 }) {
            case .working: await claim()
            case .draining, .stopping:
                guard pool.count == 0 else { continue }
                if let fault = fault.withLock({ $0 }) { throw fault }
                return
            }
        }
    }

    /// Takes nothing more and finishes what it has.
    public func drain() {
        readiness.phase.withLock { if $0 == .working { $0 = .draining } }
        wake.yield()
    }

    /// Kills what runs: its jobs return to the queue.
    public func stop() {
        readiness.phase.withLock { $0 = .stopping }
        pool.stopAll()
        wake.yield()
    }

    // MARK: Jobs

    /// All runners that have room ask at once, and so together, while anything waits; the queue seats the least loaded first.
    private func claim() async {
        let off = readiness.stopped.withLock { $0 }
        var free: [(runner: Runner, room: Int)] = []
        for runner in runners where !off.contains(runner.id) {
            let room = Int(runner.maxParallelJobs) - pool.count(of: runner.id)
            if room > 0 { free.append((runner, room)) }
        }
        guard !free.isEmpty else { return }
        do {
            guard try await services.queue.hasWaiting() else { return }
        } catch {
            return await recover(from: error)
        }
        var failure: (any Error)?
        await withTaskGroup(of: Result<(Runner, [JobMessage]), any Error>.self) { [services, principal] group in
            for (runner, room) in free {
                group.addTask {
                    do {
                        return .success((runner, try await services.queue.claim(runner.id, limit: room, by: principal)))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            // What was taken is started, whatever went wrong for others.
            for await result in group {
                switch result {
                case .success(let (runner, messages)): start(messages, for: runner)
                case .failure(let error): failure = failure ?? error
                }
            }
        }
        if let failure { await recover(from: failure) }
    }

    private func start(_ messages: [JobMessage], for runner: Runner) {
        let host = host
        for message in messages {
            if runner.isEphemeral { retire(runner.id) }
            pool.start(
                message, for: runner.id, host: { try await host($0, runner) }, done: { [wake] in wake.yield() })
        }
    }

    private func recover(from error: any Error) async {
        if let error = error as? ServiceError, error.code == .notFound || error.code == .conflict {
            // Taken away, or set offline for its silence: the next sign of life tells.
            return await renew()
        }
        warn("the queue cannot be read, trying again: \(error)")
        try? await Task.sleep(for: Self.retryInterval)
    }

    /// It took its one job; the process ends with the last of them.
    private func retire(_ id: RunnerID) {
        let count = readiness.stopped.withLock { stopped in
            stopped.insert(id)
            return stopped.count
        }
        if count == runners.count { drain() }
    }

    // MARK: Leases

    private func renew() async {
        do {
            try services.backend.checkPlace()
        } catch {
            fault.withLock { $0 = error }
            return stop()
        }
        do {
            let renewal = try await services.runners.renew(
                runners.map(\.id), claims: pool.tokens, by: principal)
            for id in renewal.cancelled { pool.stop(id, .cancelled) }
            let removed = readiness.removed.withLock { removed in
                defer { removed = renewal.removed }
                return renewal.removed.subtracting(removed)
            }
            for runner in runners where removed.contains(runner.id) { warn("runner \(runner.name) was taken away") }
            for token in renewal.lost {
                // What has ended here meanwhile concerns nobody.
                guard let job = pool.abandon(token) else { continue }
                let isRemoved = renewal.removed.contains(job.runner)
                warn("\(job.title) \(isRemoved ? "ends with its runner" : "was taken back: its lease ended")")
            }
            readiness.stopped.withLock { $0 = renewal.stopped }
            // Nothing will come any more: the process ends when it is done.
            if renewal.ended.count == runners.count { drain() }
        } catch {
            warn("leases cannot be renewed, trying again: \(error)")
        }
    }

    private func reap() async {
        do {
            try await services.runners.reap(by: .system)
        } catch {
            warn("lost jobs cannot be taken back, trying again: \(error)")
        }
    }
}
