import Synchronization

/// Lets a cancelled task interrupt its own statement, and never that of the connection's next user.
final class InterruptibleLease: Sendable {
    private let handle: PostgresHandle
    private let active = Mutex(true)

    init(_ handle: PostgresHandle) {
        self.handle = handle
    }

    var isOver: Bool { active.withLock { !$0 } }

    func interrupt() {
        active.withLock { active in
            guard active else { return }
            handle.setStopped(true)
            handle.interrupt { self.isOver }
        }
    }

    func end() {
        active.withLock { $0 = false }
        handle.setStopped(false)
    }
}
