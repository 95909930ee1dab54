import Glibc
import Storage
import Synchronization

/// Who listens to what: one connection with its thread for all, made when it is first needed.
final class PostgresListener: Sendable {
    typealias Continuation = AsyncStream<StorageNotification>.Continuation

    private struct State {
        var streams: [String: [Int: Continuation]] = [:]
        /// Who waits until the server listens to a channel for them.
        var waiting: [String: [CheckedContinuation<Void, any Error>]] = [:]
        var lastID = 0
        var isRunning = false
        var isClosed = false
        /// The pipe by which the thread is called; written to while it runs.
        var call: Int32 = -1
    }

    /// Messages kept for a reader that is slow; more are said to be lost.
    private static let backlog = 1024
    private static let closed = StorageError(.unavailable, "the database is closed")

    private let opening: PostgresOpening
    private let state = Mutex(State())

    init(_ opening: PostgresOpening) {
        self.opening = opening
    }

    func listen(_ channel: String) async throws -> AsyncStream<StorageNotification> {
        let (stream, continuation) = AsyncStream<StorageNotification>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.backlog))
        let id = try state.withLock { state in
            if state.isClosed { throw Self.closed }
            state.lastID += 1
            state.streams[channel, default: [:]][state.lastID] = continuation
            return state.lastID
        }
        continuation.onTermination = { _ in self.remove(channel, id) }
        do {
            try await withCheckedThrowingContinuation { waiter in
                let isClosed = state.withLock { state in
                    if !state.isClosed { state.waiting[channel, default: []].append(waiter) }
                    return state.isClosed
                }
                if isClosed { return waiter.resume(throwing: Self.closed) }
                wake()
            }
        } catch {
            continuation.finish()
            throw error
        }
        return stream
    }

    func close() {
        let (streams, waiting) = state.withLock { state in
            state.isClosed = true
            defer {
                state.streams = [:]
                state.waiting = [:]
            }
            return (state.streams.values.flatMap(\.values), state.waiting.values.flatMap { $0 })
        }
        for stream in streams { stream.finish() }
        for waiter in waiting { waiter.resume(throwing: Self.closed) }
        call()
    }

    private func remove(_ channel: String, _ id: Int) {
        state.withLock { state in
            state.streams[channel]?[id] = nil
            if state.streams[channel]?.isEmpty == true { state.streams[channel] = nil }
        }
        call()
    }

    /// Starts the thread, or calls it.
    private func wake() {
        let start = state.withLock { state in
            guard !state.isRunning else { return false }
            state.isRunning = true
            return true
        }
        guard start else { return call() }
        do {
            let ends = try Self.pipe()
            state.withLock { $0.call = ends.write }
            let thread = try ConnectionThread()
            thread.perform { [self] in
                serve(ends.read)
                state.withLock { state in
                    Glibc.close(state.call)
                    state.call = -1
                    state.isRunning = false
                }
                Glibc.close(ends.read)
            }
            thread.stop()
        } catch {
            fail(error)
            state.withLock { $0.isRunning = false }
        }
    }

    private func call() {
        state.withLock { state in
            var byte: UInt8 = 1
            if state.call >= 0 { _ = write(state.call, &byte, 1) }
        }
    }

    private static func pipe() throws(StorageError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw StorageError(.outOfMemory, "no pipe for a listener") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    /// On the thread, until the backend is closed: connects, listens, and connects again.
    private func serve(_ call: Int32) {
        var isFirst = true
        var pause: UInt32 = 10_000
        var firstFailure: ContinuousClock.Instant?
        while !isClosed {
            do throws(ConnectionAttempt.Failure) {
                let connection = ListenerConnection(try opening.session(), call: call)
                defer { connection.close() }
                firstFailure = nil
                pause = 10_000
                listen(connection, isFirst: isFirst)
                isFirst = false
            } catch {
                let since = firstFailure ?? .now
                firstFailure = since
                if !error.isTransient || ContinuousClock.now - since > opening.options.retryDeadline {
                    fail(error.error)
                }
                usleep(UInt32.random(in: pause / 2...pause))
                pause = min(pause * 2, 1_000_000)
            }
        }
    }

    /// Until the connection is lost or the backend closed.
    private func listen(_ connection: ListenerConnection, isFirst: Bool) {
        var active: Set<String> = []
        guard adjust(connection, &active) else { return }
        if !isFirst { everyone().forEach { send(.reconnected, to: $0) } }
        while !isClosed {
            for wake in connection.wait() {
                switch wake {
                case .message(let channel, let payload):
                    for stream in streams(of: channel) { send(.message(payload), to: stream) }
                case .call:
                    if !adjust(connection, &active) { return }
                case .lost: return
                }
            }
        }
    }

    /// Listens to what is wanted, no more and no less, and tells those who wait.
    private func adjust(_ connection: ListenerConnection, _ active: inout Set<String>) -> Bool {
        let wanted = state.withLock { Set($0.streams.keys) }
        for channel in wanted.subtracting(active) {
            guard connection.run("LISTEN \(Self.quoted(channel))") else { return false }
        }
        for channel in active.subtracting(wanted) {
            guard connection.run("UNLISTEN \(Self.quoted(channel))") else { return false }
        }
        active = wanted
        let waiters = state.withLock { state in
            wanted.flatMap { state.waiting.removeValue(forKey: $0) ?? [] }
        }
        for waiter in waiters { waiter.resume() }
        return true
    }

    private func fail(_ error: StorageError) {
        let waiters = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.values.flatMap { $0 }
        }
        for waiter in waiters { waiter.resume(throwing: error) }
    }

    private func streams(of channel: String) -> [Continuation] {
        state.withLock { $0.streams[channel].map { Array($0.values) } ?? [] }
    }

    private func everyone() -> [Continuation] {
        state.withLock { $0.streams.values.flatMap(\.values) }
    }

    private func send(_ notification: StorageNotification, to stream: Continuation) {
        if case .dropped = stream.yield(notification) { stream.yield(.reconnected) }
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
