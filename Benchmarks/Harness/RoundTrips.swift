internal import Storage
internal import Synchronization

/// Counts statements and the times that a client waits for the server: one for each `execute`, one for a pipeline, one
/// for a commit unless it went with the last statements.
final class RoundTrips: StatementObserver {
    struct Counts: Sendable {
        /// With BEGIN and COMMIT.
        var statements = 0
        var roundTrips = 0
    }

    /// What the driver sends before it reads answers.
    private static let pipelineLimit = 100
    private let counts = Mutex(Counts())

    func willRun(_ statements: [Statement], _ call: ObservedCall, on db: isolated any StorageConnection) {
        counts.withLock { counts in
            counts.statements += statements.count
            counts.roundTrips += max(1, (statements.count + Self.pipelineLimit - 1) / Self.pipelineLimit)
            // The commit that `willEnd` will count goes with them.
            if case .finishing = call { counts.roundTrips -= 1 }
        }
    }

    func willEnd(_ kind: ObservedTransaction, on db: isolated any StorageConnection) {
        counts.withLock { counts in
            // BEGIN and COMMIT are statements; BEGIN goes with the first one, nobody waits for a reader's COMMIT.
            counts.statements += 2
            if case .write = kind { counts.roundTrips += 1 }
        }
    }

    /// Since the last call.
    func take() -> Counts {
        counts.withLock { counts in
            defer { counts = Counts() }
            return counts
        }
    }
}
