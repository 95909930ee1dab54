internal import Synchronization

/// Hands live events to everyone in this process who subscribed.
public final class EventHub: Sendable {
    private struct State {
        var nextID = 0
        var subscribers: [Int: AsyncStream<RunEvent>.Continuation] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Events published from now on, in order, without loss: the buffer has no bound.
    public func subscribe() -> AsyncStream<RunEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: RunEvent.self)
        let id = state.withLock { state in
            state.nextID += 1
            state.subscribers[state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in state.subscribers[id] = nil }
        }
        return stream
    }

    func publish(_ events: [RunEvent]) {
        guard !events.isEmpty else { return }
        let subscribers = state.withLock { state in Array(state.subscribers.values) }
        for subscriber in subscribers {
            for event in events { subscriber.yield(event) }
        }
    }

    /// Ends every subscription after the events that it still holds.
    public func finish() {
        let subscribers = state.withLock { state in Array(state.subscribers.values) }
        for subscriber in subscribers { subscriber.finish() }
    }
}
