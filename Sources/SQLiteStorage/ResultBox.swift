import Synchronization

/// Where a transaction's body, which may run more than once, leaves its result.
final class ResultBox<R: Sendable>: Sendable {
    private let value = Mutex<R?>(nil)

    func store(_ result: R) {
        value.withLock { $0 = result }
    }

    var stored: R? { value.withLock { $0 } }
}
