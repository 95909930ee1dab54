/// The books of a connection pool. Whoever waits does so with no idle connection and `total` at the limit.
struct PoolState<Connection: AnyObject & Sendable> {
    enum Resource: Sendable {
        case connection(Connection)
        /// Room to open one.
        case permit
    }

    typealias Grant = Result<Resource, StorageError>

    /// With the moment each was given back, in that order.
    private var idle: [(connection: Connection, since: ContinuousClock.Instant)] = []
    private(set) var leased = 0
    private(set) var total = 0
    var waiters: [(id: Int, continuation: CheckedContinuation<Grant, Never>)] = []
    private var lastID = 0
    private var closed = false
    private var drained: [CheckedContinuation<Void, Never>] = []

    mutating func newID() -> Int {
        lastID += 1
        return lastID
    }

    /// Nil if the caller must wait. The most recently used connection first: its caches are warm.
    mutating func take(limit: Int) -> Grant? {
        if closed { return .failure(StorageError(.unavailable, "the database is closed")) }
        if let last = idle.popLast() {
            leased += 1
            return .success(.connection(last.connection))
        }
        guard total < limit else { return nil }
        leased += 1
        total += 1
        return .success(.permit)
    }

    /// False if the caller must close the connection.
    mutating func put(_ connection: Connection, reusable: Bool) -> Bool {
        guard reusable, !closed else {
            discard()
            return false
        }
        if let waiter = nextWaiter() {
            waiter.resume(returning: .success(.connection(connection)))
        } else {
            leased -= 1
            idle.append((connection, .now))
        }
        return true
    }

    /// Those given back before `moment` and not used since, which the caller closes.
    mutating func takeIdle(since moment: ContinuousClock.Instant) -> [Connection] {
        let count = idle.prefix { $0.since < moment }.count
        guard count > 0 else { return [] }
        defer { idle.removeFirst(count) }
        total -= count
        return idle.prefix(count).map(\.connection)
    }

    /// A connection could not be opened.
    mutating func giveUpPermit() {
        discard()
        resumeDrained()
    }

    mutating func removeWaiter(_ id: Int) -> CheckedContinuation<Grant, Never>? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).continuation
    }

    /// The idle connections, which the caller closes.
    mutating func close() -> [Connection] {
        closed = true
        while let waiter = nextWaiter() {
            waiter.resume(returning: .failure(StorageError(.unavailable, "the database is closed")))
        }
        let connections = idle.map(\.connection)
        total -= connections.count
        idle = []
        return connections
    }

    mutating func whenDrained(_ continuation: CheckedContinuation<Void, Never>) {
        drained.append(continuation)
        resumeDrained()
    }

    mutating func resumeDrained() {
        guard closed, leased == 0 else { return }
        for continuation in drained { continuation.resume() }
        drained = []
    }

    /// A leased connection is gone; the first who waits may open another in its place.
    private mutating func discard() {
        if let waiter = nextWaiter() {
            waiter.resume(returning: .success(.permit))
        } else {
            leased -= 1
            total -= 1
        }
    }

    private mutating func nextWaiter() -> CheckedContinuation<Grant, Never>? {
        waiters.isEmpty ? nil : waiters.removeFirst().continuation
    }
}
