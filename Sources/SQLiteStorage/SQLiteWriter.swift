import Storage
import Synchronization

/// The queue before the one connection that writes: transactions that wait while others run are committed together, and
/// a caller may have the connection for itself.
final class SQLiteWriter: Sendable {
    private enum Item {
        case member(WriteMember)
        case exclusive(WriteMember)

        var member: WriteMember {
            switch self {
            case .member(let member), .exclusive(let member): member
            }
        }
    }

    private struct State {
        var items: [Item] = []
        /// The connection's thread works on the queue, or someone has the connection.
        var active = false
        /// The member that has the connection for itself.
        var exclusive: Int?
        var closed = false
        var lastID = 0
        var totals = GroupResult()
        var idle: [CheckedContinuation<Void, Never>] = []
    }

    /// Which exclusive lease the current task runs under.
    struct Lease: Sendable, Hashable {
        let writer: ObjectIdentifier
        let member: Int
    }

    @TaskLocal static var lease: Lease?

    let connection: SQLiteConnection
    private let groupLimit: Int
    private let state = Mutex(State())

    init(_ connection: SQLiteConnection, groupLimit: Int) {
        self.connection = connection
        self.groupLimit = max(1, groupLimit)
    }

    var waiting: Int { state.withLock { $0.items.count } }

    var totals: GroupResult { state.withLock { $0.totals } }

    /// Runs `body` in a write transaction and returns when it is committed.
    func transaction(_ body: @escaping @Sendable (isolated SQLiteConnection) throws -> Void) async throws {
        _ = try await enqueue({ .member($0) }, body: { db in try body(db) })
    }

    /// Waits until the connection is the caller's alone; `endExclusive` gives it back.
    func beginExclusive() async throws -> Lease {
        let member = try await enqueue({ .exclusive($0) }, body: { _ in })
        return Lease(writer: ObjectIdentifier(self), member: member)
    }

    func endExclusive() {
        let more = state.withLock { state in
            state.exclusive = nil
            state.active = !state.items.isEmpty
            Self.resumeIdle(&state)
            return state.active
        }
        if more { schedule() }
    }

    /// Refuses new work, lets what waits end, then closes the connection.
    func close() async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.closed = true
                state.idle.append(continuation)
                Self.resumeIdle(&state)
            }
        }
        await connection.close()
    }

    private func enqueue(
        _ item: @Sendable (WriteMember) -> Item,
        body: @escaping @Sendable (isolated SQLiteConnection) throws -> Void
    ) async throws -> Int {
        let lease = Self.lease
        let (id, waitsForItself) = state.withLock { state in
            state.lastID += 1
            let own = lease?.writer == ObjectIdentifier(self) && lease?.member == state.exclusive
            return (state.lastID, own)
        }
        guard !waitsForItself else {
            throw StorageError(
                .misuse, "the body of withConnection must not start a transaction: it would wait for itself")
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                append(item(WriteMember(id: id, body: body, continuation: continuation)))
            }
        } onCancel: {
            cancel(id)
        }
        return id
    }

    private func append(_ item: Item) {
        let (refusal, start): (StorageError?, Bool) = state.withLock { state in
            if state.closed { return (StorageError(.unavailable, "the database is closed"), false) }
            if Task.isCancelled { return (.cancelledWaiting, false) }
            state.items.append(item)
            let start = !state.active
            state.active = true
            return (nil, start)
        }
        if let refusal { item.member.fail(refusal) }
        if start { schedule() }
    }

    /// Takes a transaction that has not begun out of the queue.
    private func cancel(_ id: Int) {
        let item = state.withLock { state in
            state.items.firstIndex { $0.member.id == id }.map { state.items.remove(at: $0) }
        }
        item?.member.fail(StorageError.cancelledWaiting)
    }

    private func schedule() {
        connection.thread.perform { self.drain() }
    }

    /// On the connection's thread: group after group until the queue is empty or its head wants the connection alone.
    private func drain() {
        while true {
            let group = nextGroup()
            guard let first = group.first else { return }
            if case .exclusive(let member) = first {
                member.succeed()
                return
            }
            let members = group.map(\.member)
            let result = connection.assumeIsolated { $0.commitGroup(members) }
            state.withLock { state in
                state.totals.transactions += result.transactions
                state.totals.commits += result.commits
                state.totals.retries += result.retries
            }
        }
    }

    /// The members at the head of the queue, or one that wants the connection alone; empty if nothing waits.
    private func nextGroup() -> [Item] {
        state.withLock { state in
            var count = 0
            while count < min(state.items.count, groupLimit), case .member = state.items[count] { count += 1 }
            let group = Array(state.items.prefix(max(count, 1)))
            state.items.removeFirst(group.count)
            if case .exclusive(let member) = group.first { state.exclusive = member.id }
            if group.isEmpty {
                state.active = false
                Self.resumeIdle(&state)
            }
            return group
        }
    }

    private static func resumeIdle(_ state: inout State) {
        guard !state.active, state.closed else { return }
        for continuation in state.idle { continuation.resume() }
        state.idle = []
    }
}
