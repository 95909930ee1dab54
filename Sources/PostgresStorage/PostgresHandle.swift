import CLibPQ
import Glibc
import Storage
import Synchronization

/// What other threads may do with an open connection: ask the server to stop its statement, and see whether it lives.
final class PostgresHandle: @unchecked Sendable {
    // PQcancel on a PGcancel is allowed from any thread; it is freed with the last reference to this object.
    private let cancelling: OpaquePointer?
    /// The connection must not be used by anyone else: it is lost, or a cancellation may still hit it.
    private let spoiled = Atomic(false)
    /// While set, statements throw `interrupted`.
    private let stopped = Atomic(false)
    /// A cancellation was asked for since the lease began.
    private let interrupted = Atomic(false)

    init(_ connection: OpaquePointer) {
        cancelling = plue_PQgetCancel(connection)
    }

    deinit {
        plue_PQfreeCancel(cancelling)
    }

    var isReusable: Bool { !spoiled.load(ordering: .acquiring) }
    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    var wasInterrupted: Bool { interrupted.load(ordering: .relaxed) }

    func spoil() {
        spoiled.store(true, ordering: .releasing)
    }

    func setStopped(_ value: Bool) {
        stopped.store(value, ordering: .relaxed)
    }

    /// Asks the server to stop the running statement, from a thread of its own: `PQcancel` blocks. Who calls it keeps
    /// others from the connection, which is closed after its lease: the request may arrive late. With `until` it is
    /// repeated, as one that arrives before its statement does nothing.
    func interrupt(until ended: (@Sendable () -> Bool)? = nil) {
        spoil()
        interrupted.store(true, ordering: .relaxed)
        guard let helper = try? ConnectionThread() else { return }
        helper.perform { [self] in
            var pause: UInt32 = 20_000
            repeat {
                send()
                guard let ended, !ended() else { break }
                usleep(pause)
                pause = min(pause * 2, 1_000_000)
            } while !(ended?() ?? true)
        }
        helper.stop()
    }

    private func send() {
        guard let cancelling else { return }
        var words = [CChar](repeating: 0, count: 256)
        _ = plue_PQcancel(cancelling, &words, 256)
    }
}
