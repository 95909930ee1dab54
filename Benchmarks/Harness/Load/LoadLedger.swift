internal import Model
internal import Services
internal import Storage
internal import Synchronization

/// What creators and runners of a load test saw.
final class LoadLedger: Sendable {
    fileprivate struct OpenRun {
        var due: ContinuousClock.Instant
        var left: Int
    }

    struct Share {
        var claims = 0
        /// Microseconds in the queue, summed up.
        var waited: Int64 = 0
    }

    struct State {
        var seconds: [LoadSecond] = []
        var times: [LoadMeasure: LatencyHistogram] = [:]
        var shares: [RepositoryID: Share] = [:]
        /// Executions whose end was taken.
        var ended: Set<ExecutionID> = []
        var doubled = 0
        var runs = 0
        var concluded = 0
        var claimed = 0
        /// When the last job ended.
        var lastEnd: ContinuousClock.Instant?
        /// Runs with jobs that are open; a job may end before its creator has heard of the run: `left` is below 0 then.
        fileprivate var open: [RunID: OpenRun] = [:]
    }

    let began = ContinuousClock.now
    private let jobsOfRun: Int
    private let state = Mutex(State())

    init(jobsOfRun: Int) {
        self.jobsOfRun = jobsOfRun
    }

    var snapshot: State { state.withLock { $0 } }

    /// Jobs created and not ended.
    var openJobs: Int { state.withLock { $0.runs * jobsOfRun - $0.ended.count } }

    func created(_ run: RunID, due: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        change(at: now) { state, second in
            state.runs += 1
            second.created += 1
            state.times[.creation, default: LatencyHistogram()].add(now - due)
            state.open[run] = OpenRun(due: due, left: (state.open[run]?.left ?? 0) + jobsOfRun)
            Self.conclude(run, now, &state, &second)
        }
    }

    func claimed(_ message: JobMessage, took: Duration) {
        let job = message.execution
        let waited = (job.startedAt?.microseconds ?? 0) - (job.queuedAt?.microseconds ?? 0)
        change(at: ContinuousClock.now) { state, second in
            state.claimed += 1
            second.claimed += 1
            state.times[.claim, default: LatencyHistogram()].add(took)
            state.times[.queueWait, default: LatencyHistogram()].add(microseconds: waited)
            state.shares[job.repositoryID, default: Share()].claims += 1
            state.shares[job.repositoryID, default: Share()].waited += max(0, waited)
        }
    }

    func completed(_ message: JobMessage, took: Duration) {
        let now = ContinuousClock.now
        let run = message.execution.runID
        change(at: now) { state, second in
            if !state.ended.insert(message.execution.id).inserted { state.doubled += 1 }
            second.completed += 1
            state.lastEnd = now
            state.times[.completion, default: LatencyHistogram()].add(took)
            state.open[run, default: OpenRun(due: now, left: 0)].left -= 1
            Self.conclude(run, now, &state, &second)
        }
    }

    func saw(depth: Int) {
        let open = openJobs
        change(at: ContinuousClock.now) { _, second in
            second.depth = depth
            second.open = open
        }
    }

    private static func conclude(
        _ run: RunID, _ now: ContinuousClock.Instant, _ state: inout State, _ second: inout LoadSecond
    ) {
        guard let open = state.open[run], open.left == 0 else { return }
        state.open[run] = nil
        state.concluded += 1
        second.concluded += 1
        state.times[.run, default: LatencyHistogram()].add(now - open.due)
    }

    private func change(at now: ContinuousClock.Instant, _ body: (inout State, inout LoadSecond) -> Void) {
        let number = max(0, Int((now - began) / .seconds(1)))
        state.withLock { state in
            while state.seconds.count <= number { state.seconds.append(LoadSecond()) }
            var second = state.seconds[number]
            body(&state, &second)
            state.seconds[number] = second
        }
    }
}
