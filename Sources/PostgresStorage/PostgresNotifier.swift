import Storage
import Synchronization

/// Messages on their way: those that come within a moment go together, outside of the transactions that caused them.
final class PostgresNotifier: Sendable {
    private struct Message: Hashable {
        let channel: String
        let payload: String
    }

    private struct State {
        var waiting: [Message] = []
        var known: Set<Message> = []
        var isSending = false
        var idle: [CheckedContinuation<Void, Never>] = []
    }

    private static let moment: Duration = .milliseconds(50)

    private let state = Mutex(State())

    /// `send` is given channels and payloads of equal number.
    func notify(
        _ channel: String, _ payload: String, send: @escaping @Sendable ([String], [String]) async -> Void
    ) throws(StorageError) {
        // PostgreSQL's limits: NAMEDATALEN and NOTIFY_PAYLOAD_MAX_LENGTH.
        guard !channel.isEmpty, channel.utf8.count < 64, payload.utf8.count < 8000 else {
            throw StorageError(.invalidValue, "a channel has 1 to 63 bytes, a message fewer than 8000")
        }
        guard !channel.utf8.contains(0), !payload.utf8.contains(0) else {
            throw StorageError(.invalidValue, "a message cannot contain a NUL")
        }
        let message = Message(channel: channel, payload: payload)
        let start = state.withLock { state in
            guard state.known.insert(message).inserted else { return false }
            state.waiting.append(message)
            defer { state.isSending = true }
            return !state.isSending
        }
        guard start else { return }
        Task {
            while let messages = self.take() {
                await send(messages.map(\.channel), messages.map(\.payload))
                try? await Task.sleep(for: Self.moment)
            }
        }
    }

    /// Returns when everything is sent.
    func drain() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.isSending { state.idle.append(continuation) }
                return !state.isSending
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Nil, and no longer sending, if nothing waits.
    private func take() -> [Message]? {
        let (messages, idle) = state.withLock { state in
            defer {
                state.waiting = []
                state.known = []
            }
            guard state.waiting.isEmpty else { return (state.waiting, [] as [CheckedContinuation<Void, Never>]) }
            state.isSending = false
            defer { state.idle = [] }
            return ([], state.idle)
        }
        for continuation in idle { continuation.resume() }
        return messages.isEmpty ? nil : messages
    }
}
