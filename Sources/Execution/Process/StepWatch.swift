internal import Synchronization

/// The timeout of one running process.
final class StepWatch: Sendable {
    private struct State {
        var process: RunningProcess?
        var timer: Task<Void, Never>?
        var isTimedOut = false
    }

    private let state = Mutex(State())

    func begin(_ process: RunningProcess, timeout: Duration?) {
        state.withLock { state in
            state.process = process
            guard let timeout else { return }
            state.timer = Task.detached { [self] in
                guard (try? await Task.sleep(for: timeout)) != nil else { return }
                self.state.withLock { $0.isTimedOut = true }
                process.terminate()
            }
        }
    }

    /// The process has ended: true when its timeout ended it.
    func end() -> Bool {
        state.withLock { state in
            state.timer?.cancel()
            state.process?.ended()
            return state.isTimedOut
        }
    }
}
