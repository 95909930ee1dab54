internal import Model
internal import Synchronization

/// Which runner each job goes to, of those that ask at the same time: the least loaded (live jobs by its capacity); of
/// equally loaded ones that which last executed a job of the same repository, whose checkout and caches are warm.
final class RunnerSeats: Sendable {
    /// A runner that asks.
    struct Room {
        var runner: Runner
        var live: Int64
        /// How many it may be given.
        var count: Int
    }

    private static let capacity = 10_000
    /// Of this process: who claims elsewhere is remembered there. Being wrong costs a fetch, being stored would cost every claim.
    private let last = Mutex<[RunnerID: RepositoryID]>([:])

    func remember(_ claimed: [JobClaim.Claimed]) {
        if claimed.isEmpty { return }
        last.withLock { last in
            if last.count >= Self.capacity { last = [:] }
            for job in claimed { last[job.runner] = job.execution.repositoryID }
        }
    }

    /// A runner for each job, in the order in which they are handed out, as far as there is room.
    func plan(_ room: [Room], for picks: [JobClaim.Pick]) -> [Runner] {
        let known = last.withLock { last in room.map { last[$0.runner.id] } }
        return Self.plan(room, last: known, for: picks.map(\.repository))
    }

    /// - Parameter last: the repository that each of `room` served last.
    static func plan(_ room: [Room], last: [RepositoryID?], for repositories: [RepositoryID?]) -> [Runner] {
        let wanted = Set(repositories.compactMap(\.self))
        // One that is warm for another of these jobs is kept for it.
        let strangeness = last.map { own in own.map(wanted.contains) == true ? 2 : 1 }
        var given = room.map { _ in 0 }
        var seats: [Runner] = []
        for repository in repositories {
            var best: Int?
            func rank(_ index: Int) -> (Int, RunnerID) {
                let isWarm = repository != nil && last[index] == repository
                return (isWarm ? 0 : strangeness[index], room[index].runner.id)
            }
            func load(_ index: Int) -> Double {
                Double(room[index].live + Int64(given[index])) / Double(room[index].runner.maxParallelJobs)
            }
            for index in room.indices where given[index] < room[index].count {
                guard let other = best else {
                    best = index
                    continue
                }
                let (own, its) = (load(index), load(other))
                if own < its || own == its && rank(index) < rank(other) { best = index }
            }
            guard let best else { break }
            given[best] += 1
            seats.append(room[best].runner)
        }
        return seats
    }
}
