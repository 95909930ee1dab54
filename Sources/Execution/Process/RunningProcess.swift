internal import Glibc
internal import Synchronization

/// A started process, until it has ended.
final class RunningProcess: Sendable {
    private struct State {
        var hasEnded = false
        var isTerminating = false
        /// Processes that got a signal, by id, with the time of their start: an id may be given to another later.
        var seen: [pid_t: UInt64] = [:]
    }

    let pid: pid_t
    private let intervals: StopIntervals
    private let state = Mutex(State())

    init(pid: pid_t, intervals: StopIntervals = .standard) {
        self.pid = pid
        self.intervals = intervals
    }

    /// Begins the sequence of signals; returns at once.
    func terminate() {
        let isFirst = state.withLock { state in
            defer { state.isTerminating = true }
            return !state.isTerminating && !state.hasEnded
        }
        guard isFirst else { return }
        signalTree(SIGINT)
        Task.detached { [self] in
            try? await Task.sleep(for: intervals.interrupt)
            signalTree(SIGTERM)
            try? await Task.sleep(for: intervals.terminate)
            signalTree(SIGKILL)
        }
    }

    func kill() {
        state.withLock { $0.isTerminating = true }
        signalTree(SIGKILL)
    }

    /// After its end: whatever it left behind when it was stopped is killed.
    func ended() {
        let left = state.withLock { state in
            state.hasEnded = true
            return state.isTerminating ? state.seen : [:]
        }
        for (pid, start) in left where pid != self.pid && ProcessTree.startTime(pid) == start {
            Glibc.kill(pid, SIGKILL)
        }
    }

    private func signalTree(_ signal: Int32) {
        state.withLock { state in
            guard !state.hasEnded else { return }
            let tree = [pid] + ProcessTree.descendants(of: pid)
            for pid in tree {
                state.seen[pid] = ProcessTree.startTime(pid)
                Glibc.kill(pid, signal)
            }
        }
    }
}
