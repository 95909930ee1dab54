import Synchronization

/// Connections leased exclusively, opened as they are needed up to a limit; who waits is served in order.
///
/// A class with a mutex: as an actor it would cost a hop per lease.
package final class ConnectionPool<Connection: AnyObject & Sendable>: Sendable {
    private let limit: Int
    private let acquireTimeout: Duration
    private let idleTimeout: Duration?
    private let openConnection: @Sendable () async throws(StorageError) -> Connection
    private let closeConnection: @Sendable (Connection) async -> Void
    private let state = Mutex(PoolState<Connection>())

    /// Connections unused for `idleTimeout` are closed when another one is given back.
    package init(
        limit: Int, acquireTimeout: Duration, idleTimeout: Duration? = nil,
        open: @escaping @Sendable () async throws(StorageError) -> Connection,
        close: @escaping @Sendable (Connection) async -> Void
    ) {
        self.limit = max(1, limit)
        self.acquireTimeout = acquireTimeout
        self.idleTimeout = idleTimeout
        self.openConnection = open
        self.closeConnection = close
    }

    package var metrics: PoolMetrics {
        state.withLock { PoolMetrics(leased: $0.leased, waiting: $0.waiters.count, total: $0.total) }
    }

    /// A connection for this caller alone, until `release`. Throws `timeout`, `cancelled`, `unavailable` after
    /// `shutdown`, or the error of opening.
    package func lease() async throws(StorageError) -> Connection {
        let grant = state.withLock { $0.take(limit: limit) }
        switch try await resolve(grant) {
        case .connection(let connection): return connection
        case .permit: return try await open()
        }
    }

    /// Gives a connection back; one that is not `reusable` is closed and makes room for another.
    package func release(_ connection: Connection, reusable: Bool = true) async {
        let kept = state.withLock { $0.put(connection, reusable: reusable) }
        if !kept {
            await closeConnection(connection)
            state.withLock { $0.resumeDrained() }
        }
        guard let idleTimeout else { return }
        let unused = state.withLock { $0.takeIdle(since: ContinuousClock.now - idleTimeout) }
        for connection in unused { await closeConnection(connection) }
    }

    /// Runs `body` with a leased connection.
    package func withLease<R>(_ body: (Connection) async throws -> R) async throws -> R {
        let connection = try await lease()
        do {
            let result = try await body(connection)
            await release(connection)
            return result
        } catch {
            await release(connection, reusable: (error as? StorageError)?.code != .connectionLost)
            throw error
        }
    }

    /// Refuses new leases and those that wait, and closes each connection once it is given back. Idempotent.
    package func shutdown() async {
        let idle = state.withLock { $0.close() }
        for connection in idle { await closeConnection(connection) }
        await withCheckedContinuation { continuation in
            state.withLock { $0.whenDrained(continuation) }
        }
    }

    private func open() async throws(StorageError) -> Connection {
        do {
            return try await openConnection()
        } catch {
            state.withLock { $0.giveUpPermit() }
            throw error
        }
    }

    private func resolve(_ grant: PoolState<Connection>.Grant?) async throws(StorageError)
        -> PoolState<Connection>.Resource
    {
        if let grant { return try grant.get() }
        let id = state.withLock { $0.newID() }
        let timer = Task { [acquireTimeout] in
            do { try await Task.sleep(for: acquireTimeout) } catch { return }
            self.fail(id, StorageError(.timeout, "no connection came free within \(acquireTimeout)"))
        }
        defer { timer.cancel() }
        let granted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    if let grant = state.take(limit: limit) {
                        continuation.resume(returning: grant)
                    } else if Task.isCancelled {
                        continuation.resume(returning: .failure(.cancelledWaiting))
                    } else {
                        state.waiters.append((id, continuation))
                    }
                }
            }
        } onCancel: {
            fail(id, .cancelledWaiting)
        }
        return try granted.get()
    }

    private func fail(_ id: Int, _ error: StorageError) {
        state.withLock { $0.removeWaiter(id) }?.resume(returning: .failure(error))
    }
}

extension StorageError {
    package static let cancelledWaiting = Self(.cancelled, "the task was cancelled while it waited for a connection")
}
