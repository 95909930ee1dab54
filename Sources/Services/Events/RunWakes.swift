internal import Model
internal import Storage
internal import Synchronization

/// Wakes those who follow a run when it changed: in this process after the commit, from other processes by the
/// database's notifications where it has them.
final class RunWakes: Sendable {
    static let channel = "plue_runs"

    private struct State {
        var nextID = 0
        var followers: [RunID: [Int: AsyncStream<Void>.Continuation]] = [:]
        /// Those who follow every run.
        var all: [Int: AsyncStream<Void>.Continuation] = [:]
        var listener: Task<Void, Never>?
    }

    private let state = Mutex(State())

    deinit {
        state.withLock { $0.listener }?.cancel()
    }

    /// A wake for each change from now on; several that wait are one. Remove it with the number.
    func follow(_ run: RunID) -> (number: Int, stream: AsyncStream<Void>, wake: AsyncStream<Void>.Continuation) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextID += 1
            state.followers[run, default: [:]][state.nextID] = continuation
            return state.nextID
        }
        return (number, stream, continuation)
    }

    func unfollow(_ run: RunID, _ number: Int) {
        state.withLock { state in
            state.followers[run]?[number] = nil
            if state.followers[run]?.isEmpty == true { state.followers[run] = nil }
        }
    }

    /// A wake for each change of any run, until the stream is dropped.
    func followAll() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextID += 1
            state.all[state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.all[number] = nil } }
        return stream
    }

    /// Nobody follows any run.
    var isIdle: Bool { state.withLock { $0.followers.isEmpty && $0.all.isEmpty } }

    func wake(_ run: RunID) {
        let followers = state.withLock { state in
            Array(state.all.values) + (state.followers[run].map { Array($0.values) } ?? [])
        }
        for follower in followers { follower.yield() }
    }

    private func wakeAll() {
        let followers = state.withLock { state in state.followers.values.flatMap(\.values) + state.all.values }
        for follower in followers { follower.yield() }
    }

    /// Listens to the database from the first follower on, once.
    func listen(to backend: any StorageBackend) {
        guard let backend = backend as? any NotifyingBackend else { return }
        state.withLock { state in
            guard state.listener == nil else { return }
            state.listener = Task.detached { [weak self] in
                // Without notifications followers still look again by themselves.
                guard let messages = try? await backend.listen(Self.channel) else {
                    self?.forgetListener()
                    return
                }
                for await message in messages {
                    switch message {
                    case .message(let text): if let run = Int64(text) { self?.wake(ID(run)) }
                    case .reconnected: self?.wakeAll()
                    }
                }
                self?.forgetListener()
            }
        }
    }

    private func forgetListener() {
        state.withLock { $0.listener = nil }
    }

    /// Tells everyone that those runs changed: after the commit.
    func tell(_ runs: Set<RunID>, through backend: any StorageBackend) async {
        guard !runs.isEmpty else { return }
        for run in runs { wake(run) }
        guard let backend = backend as? any NotifyingBackend else { return }
        for run in runs {
            // A hint only: who misses it looks again by itself.
            try? await backend.notify(Self.channel, String(run.rawValue))
        }
    }
}
