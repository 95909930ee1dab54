internal import Storage
internal import Synchronization

/// Keeps the statements of each transaction; undoes those that write.
final class ReplayObserver: StatementObserver {
    struct Undone: Error {}

    private struct State {
        var open: [Statement] = []
        var transactions: [[Statement]] = []
    }

    private let state = Mutex(State())

    /// In order; one that waited for a conflict and ran again stands there again.
    var transactions: [[Statement]] { state.withLock { $0.transactions } }

    func willRun(_ statements: [Statement], _ call: ObservedCall, on db: isolated any StorageConnection) {
        state.withLock { $0.open += statements }
    }

    func willEnd(_ kind: ObservedTransaction, on db: isolated any StorageConnection) throws {
        state.withLock { state in
            state.transactions.append(state.open)
            state.open = []
        }
        if case .write = kind { throw Undone() }
    }
}
