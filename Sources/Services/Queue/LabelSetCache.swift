internal import Model
internal import Synchronization

/// Which label sets each runner's labels hold, so that a claim does not compare labels. Sets are never changed or
/// removed, nor are a runner's labels and scope.
final class LabelSetCache: Sendable {
    private struct RunnerSets {
        var labels: Set<String>
        var scope: RunnerScope
        var eligible: [Int64]
        /// How many sets were compared.
        var compared: Int
    }

    private struct State {
        var sets: [(id: Int64, labels: [String])] = []
        var known: Set<Int64> = []
        var newest: Int64 = 0
        var runners: [RunnerID: RunnerSets] = [:]
        var readAt: ContinuousClock.Instant?
    }

    /// A set that another process committed after one with a higher id is seen that much later at most.
    private static let age = Duration.seconds(1)
    private static let runnerCapacity = 10_000
    private let state = Mutex(State())

    /// The sets must be read again: a new one was stored, or time has passed.
    var isOld: Bool {
        state.withLock { state in state.readAt.map { $0.duration(to: .now) > Self.age } ?? true }
    }

    /// A new set was stored here.
    func invalidate() {
        state.withLock { $0.readAt = nil }
    }

    /// The newest set that the database was seen to have.
    func note(newest id: Int64) {
        state.withLock { state in if id > state.newest { state.readAt = nil } }
    }

    /// Sets with a smaller id are known, but for some that were being stored when it was read: read from here.
    var firstUnknown: Int64 {
        state.withLock { $0.newest - 1_000 }
    }

    /// Takes what was read: every set from ``firstUnknown`` on.
    func adopt(_ sets: [(id: Int64, labels: [String])]) {
        state.withLock { state in
            for set in sets where state.known.insert(set.id).inserted {
                state.sets.append(set)
                state.newest = max(state.newest, set.id)
            }
            state.readAt = .now
        }
    }

    func remember(_ runner: Runner) {
        state.withLock { state in
            if state.runners.count >= Self.runnerCapacity { state.runners = [:] }
            state.runners[runner.id] = RunnerSets(
                labels: Set(runner.labels), scope: runner.scope, eligible: [], compared: 0)
        }
    }

    /// The runner's scope, and the sets that its labels hold; nil if it is not known.
    func eligible(for runner: RunnerID) -> (RunnerScope, [Int64])? {
        state.withLock { state in
            guard var own = state.runners[runner] else { return nil }
            if own.compared < state.sets.count {
                own.eligible += state.sets[own.compared...].filter { $0.labels.allSatisfy(own.labels.contains) }.map(
                    \.id)
                own.compared = state.sets.count
                state.runners[runner] = own
            }
            return (own.scope, own.eligible)
        }
    }
}
