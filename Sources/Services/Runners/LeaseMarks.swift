internal import Model
internal import Synchronization

/// The oldest assignment of each runner that may be live, as far as this process has seen: the count of its live claims
/// begins there. The entries of those that ended stay in PostgreSQL's index while any transaction could see them, and
/// without a mark each claim would walk over all of them.
///
/// Assignments of a runner are numbered while its row is locked, so later ones have higher ids, and what is not live
/// never is again: a mark only rises, and never passes a live claim, whoever made it.
final class LeaseMarks: Sendable {
    private static let capacity = 10_000
    private let marks = Mutex<[RunnerID: AssignmentID]>([:])

    func marks(of runners: [RunnerID]) -> [(runner: RunnerID, from: AssignmentID)] {
        marks.withLock { marks in runners.map { ($0, marks[$0] ?? ID(0)) } }
    }

    /// - Parameter first: the oldest live assignment, seen while the runner is locked.
    func note(_ first: AssignmentID?, of runner: RunnerID) {
        guard let first else { return }
        marks.withLock { marks in
            if marks.count >= Self.capacity { marks = [:] }
            marks[runner] = max(first, marks[runner] ?? first)
        }
    }
}
