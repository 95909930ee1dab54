internal import Synchronization

/// Where virtual runners wait until somebody says that there may be work, or their time is over.
final class WakeGate: Sendable {
    private struct State {
        var words = 0
        var next = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var isOpen = false
    }

    private let state = Mutex(State())

    /// How often there was a word.
    var words: Int { state.withLock { $0.words } }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Lets one go on.
    func wakeOne() {
        let one = state.withLock { state in
            state.words += 1
            return state.waiting.popFirst()?.value
        }
        one?.resume()
    }

    /// Lets everybody go on, now and later.
    func open() {
        let all = state.withLock { state in
            defer { state.waiting = [:] }
            state.isOpen = true
            return Array(state.waiting.values)
        }
        for one in all { one.resume() }
    }

    /// Waits for a word after the first `words`, at most as long as `limit`.
    func wait(after words: Int, _ limit: Duration) async {
        var timer: Task<Void, Never>?
        await withCheckedContinuation { continuation in
            let ticket: Int? = state.withLock { state in
                guard !state.isOpen, state.words == words else { return nil }
                state.next += 1
                state.waiting[state.next] = continuation
                return state.next
            }
            guard let ticket else { return continuation.resume() }
            timer = Task { [self] in
                try? await Task.sleep(for: limit)
                state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume()
            }
        }
        timer?.cancel()
    }
}
