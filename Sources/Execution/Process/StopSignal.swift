internal import Synchronization

/// Tells a job to stop: the process that runs gets SIGINT, after 7.5 s SIGTERM, after 2.5 s more SIGKILL, with all its
/// descendants. Steps that run because of the stop (`always()`) are not stopped by it; a second request stops them too.
final class StopSignal: Sendable {
    enum Cause: Sendable, Equatable {
        case cancelled, jobTimedOut
        /// The text says how many.
        case tooManyProcesses(String)
    }

    private struct State {
        var cause: Cause?
        var isForced = false
        var current: RunningProcess?
        var window = StopSignal.standardWindow
    }

    /// How long steps that run because of the stop may take: GitHub's `cancel-timeout-minutes`.
    static let standardWindow = Duration.seconds(300)

    private let state = Mutex(State())
    let intervals: StopIntervals

    init(intervals: StopIntervals = .standard) {
        self.intervals = intervals
    }

    var cause: Cause? { state.withLock { $0.cause } }
    var isForced: Bool { state.withLock { $0.isForced } }

    /// Sets `cancel-timeout-minutes`.
    func limitCleanup(to window: Duration) {
        state.withLock { $0.window = window }
    }

    /// The first request stops what runs now; a later one, or the end of the window, forces: everything is killed and no
    /// step follows.
    func request(_ cause: Cause) {
        let (current, isForced, window) = state.withLock { state in
            if state.cause != nil { state.isForced = true } else { state.cause = cause }
            return (state.current, state.isForced, state.window)
        }
        if isForced { return current?.kill() ?? () }
        current?.terminate()
        Task.detached { [weak self] in
            try? await Task.sleep(for: window)
            self?.force()
        }
    }

    /// Kills what runs; no step follows.
    func force(_ cause: Cause = .cancelled) {
        let current = state.withLock { state in
            state.cause = state.cause ?? cause
            state.isForced = true
            return state.current
        }
        current?.kill()
    }

    /// The process that a later request stops.
    func track(_ process: RunningProcess) {
        let isForced = state.withLock { state in
            state.current = process
            return state.isForced
        }
        if isForced { process.kill() }
    }

    func untrack() {
        state.withLock { $0.current = nil }
    }
}
