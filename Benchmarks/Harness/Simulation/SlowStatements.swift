internal import Glibc
internal import Storage
internal import Synchronization

/// Makes some statements and commits take up to a few milliseconds longer, so that transactions of several connections
/// meet in every order.
final class SlowStatements: StatementObserver {
    private let generator: Mutex<SimulationGenerator>
    private let count = Atomic(0)

    init(seed: UInt64) {
        generator = Mutex(SimulationGenerator(seed: seed))
    }

    /// Delays since the last call.
    func take() -> Int { count.exchange(0, ordering: .relaxed) }

    func willRun(_ statements: [Statement], _ call: ObservedCall, on db: isolated any StorageConnection) {
        delay(oneIn: 12, milliseconds: 3)
    }

    func willEnd(_ kind: ObservedTransaction, on db: isolated any StorageConnection) {
        if case .write = kind { delay(oneIn: 6, milliseconds: 8) }
    }

    private func delay(oneIn times: Int, milliseconds: Int) {
        let wait = generator.withLock { $0.once(in: times) ? 1 + $0.below(milliseconds * 1000) : 0 }
        guard wait > 0 else { return }
        count.add(1, ordering: .relaxed)
        usleep(UInt32(wait))
    }
}
