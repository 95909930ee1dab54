internal import Model
internal import Synchronization

/// Below which place nothing waits in the queue of each label set, as far as this process has seen: looks begin there.
///
/// In PostgreSQL the entries of jobs that were handed out stay in the index as long as any transaction could see them: a
/// backup of an hour leaves an hour's jobs at the head of the queue, and without a mark each look would walk over them.
/// What this process puts below a mark lowers it, and what may be taken because of it (a pause that ends) takes all marks
/// away; what others do is found by the next look from the beginning: one
/// is due every quarter of a second, later where it takes long, and whenever a look found nothing. So the marks decide
/// how long a look takes, and for that long which of two jobs goes first, but never whether a job is found.
final class QueueMarks: Sendable {
    /// Of an entry in its label set.
    struct Place: Sendable, Comparable {
        var rank: Int64
        var execution: ExecutionID

        static let lowest = Place(rank: .min, execution: ID(0))

        static func < (a: Place, b: Place) -> Bool { (a.rank, a.execution) < (b.rank, b.execution) }
    }

    /// Where one look begins.
    struct Look: Sendable {
        var reach: RunnerReach
        /// Of each set of the reach.
        var places: [Place]
        var isFull: Bool
        fileprivate var lowerings: Int
    }

    private struct Reader: Hashable {
        var scope: RunnerScope
        var group: RunnerGroupID?

        init(_ reach: RunnerReach) {
            scope = reach.scope
            group = reach.group
        }
    }

    private struct State {
        var marks: [Int64: [Reader: Place]] = [:]
        /// How many there were when the mark of a set was lowered last, and when all was forgotten.
        var loweredAt: [Int64: Int] = [:]
        var forgottenAt = 0
        var lowerings = 0
        var fullLookAt: [Reader: ContinuousClock.Instant] = [:]

        mutating func forget() {
            lowerings += 1
            self = State(forgottenAt: lowerings, lowerings: lowerings)
        }
    }

    /// Between looks from the beginning, which may take a fiftieth of the time.
    private static let interval = Duration.milliseconds(250)
    private static let longestInterval = Duration.seconds(5)
    private static let share = 50
    /// Sets and readers that are remembered.
    private static let capacity = 10_000
    private let state = Mutex(State())

    /// - Parameter isFull: from the beginning in any case.
    func look(_ reach: RunnerReach, isFull: Bool = false, now: ContinuousClock.Instant = .now) -> Look {
        state.withLock { state in
            let reader = Reader(reach)
            let isFull = isFull || state.fullLookAt[reader].map { $0 <= now } ?? true
            let places = reach.sets.map { set in isFull ? .lowest : state.marks[set]?[reader] ?? .lowest }
            return Look(reach: reach, places: places, isFull: isFull, lowerings: state.lowerings)
        }
    }

    /// What a look found first in each set, and how long it took.
    func note(_ first: [Int64: Place], of look: Look, took: Duration, now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            if look.lowerings < state.forgottenAt { return }
            let reader = Reader(look.reach)
            if look.isFull {
                state.fullLookAt[reader] = now + min(max(Self.interval, took * Self.share), Self.longestInterval)
            }
            for (set, place) in first {
                // It may not have seen what was put there meanwhile.
                if let at = state.loweredAt[set], at > look.lowerings { continue }
                state.marks[set, default: [:]][reader] = place
            }
        }
    }

    /// Entries that were passed over may be taken now: all looks begin anew.
    func forget() {
        state.withLock { $0.forget() }
    }

    /// From which rank on everything that waits in a set for any runner stands; nil where that is not known.
    func lowestRank(of set: Int64) -> Int64? {
        state.withLock { state in
            state.marks[set]?.first { $0.key.scope == .global && $0.key.group == nil }?.value.rank
        }
    }

    /// Entries of these sets were stored, each set's with that rank or a higher one.
    func lower(_ ranks: [Int64: Int64]) {
        if ranks.isEmpty { return }
        state.withLock { state in
            state.lowerings += 1
            if [state.loweredAt.count, state.marks.count, state.fullLookAt.count].contains(where: { $0 > Self.capacity }
            ) {
                return state.forget()
            }
            for (set, rank) in ranks {
                state.loweredAt[set] = state.lowerings
                let place = Place(rank: rank, execution: ID(0))
                state.marks[set] = state.marks[set]?.mapValues { min($0, place) }
            }
        }
    }
}
