internal import Model
internal import Storage
internal import Synchronization

/// Which label sets each runner's labels hold, so that a claim does not compare labels. Sets are never changed or
/// removed, nor are a runner's labels and scope, nor a group's name; a claim sees when the runner was moved to another.
final class LabelSetCache: Sendable {
    private struct RunnerSets {
        var entries: Set<String>
        var reach: RunnerReach
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
    /// Such a set there may be: ids are not given in the order of commits.
    private let ages: Bool
    private static let runnerCapacity = 10_000
    private let state = Mutex(State())

    init(for dialect: Dialect) {
        ages = dialect.identity == .sequence
    }

    /// The sets must be read again: a new one was stored, or time has passed.
    var isOld: Bool {
        state.withLock { state in state.readAt.map { ages && $0.duration(to: .now) > Self.age } ?? true }
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
                entries: runner.entries,
                reach: RunnerReach(scope: runner.scope, group: runner.groupID, sets: []), compared: 0)
        }
    }

    func forget(_ runner: RunnerID) {
        state.withLock { $0.runners[runner] = nil }
    }

    /// Nil if the runner is not known.
    func reach(of runner: RunnerID) -> RunnerReach? {
        state.withLock { state in
            guard var own = state.runners[runner] else { return nil }
            if own.compared < state.sets.count {
                own.reach.sets += state.sets[own.compared...]
                    .filter { $0.labels.allSatisfy(own.entries.contains) }.map(\.id)
                own.compared = state.sets.count
                state.runners[runner] = own
            }
            return own.reach
        }
    }
}
