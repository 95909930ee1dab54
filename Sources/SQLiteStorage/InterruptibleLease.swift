import Synchronization

/// Lets a cancelled task interrupt its own statement, and never that of the connection's next user.
final class InterruptibleLease: Sendable {
    private let connection: SQLiteConnection
    private let active = Mutex(true)

    init(_ connection: SQLiteConnection) {
        self.connection = connection
    }

    func interrupt() {
        active.withLock { if $0 { connection.setStopped(true) } }
    }

    func end() {
        active.withLock { active in
            active = false
            connection.setStopped(false)
        }
    }
}
