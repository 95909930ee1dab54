internal import Glibc
internal import Services
internal import Storage
internal import Synchronization

/// `plue bench queue --part snapshot`: throughput while another connection holds a snapshot from before, so that nothing
/// that the jobs leave behind can be cleaned up, beside throughput without.
package struct SnapshotBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let jobs: Int
    private let rounds: Int
    private let connections: Int
    private let synchronousCommit: Bool

    /// - Parameter jobs: that pass in each round, in runs of ten.
    package init(
        _ target: BenchmarkTarget, jobs: Int, rounds: Int, connections: Int, synchronousCommit: Bool = true
    ) {
        self.target = target
        self.jobs = max(10, jobs / 10 * 10)
        self.rounds = rounds
        self.connections = connections
        self.synchronousCommit = synchronousCommit
    }

    private static let goal = 0.9

    package func run(_ tell: (BenchmarkLine) -> Void) async throws {
        try await target.with("snapshot", connections: connections, synchronousCommit: synchronousCommit) { database in
            let other = try await target.open(database.place)
            do {
                try await measure(database, other, tell)
            } catch {
                await other.backend.close()
                throw error
            }
            await other.backend.close()
        }
    }

    private func measure(
        _ database: BenchmarkDatabase, _ other: BenchmarkDatabase, _ tell: (BenchmarkLine) -> Void
    ) async throws {
        let services = try await Services.open(database.backend, migrations: target.migrations)
        let work = try await QueueWork(
            services: services, runners: QueueWork.register(connections, jobs: 1_000, services))
        let times = try await Alternating(
            rounds: rounds, warmUp: 1,
            [
                {
                    try await target.clean(database)
                    return try await work.fillAndDrain(jobs)
                },
                {
                    try await target.clean(database)
                    return try await Self.holding(other.backend) { try await work.fillAndDrain(jobs) }
                },
            ])
        let (plain, held) = (Double(jobs) / times.median(0), Double(jobs) / times.median(1))
        tell(
            BenchmarkLine(
                queue: target.name, "while an old snapshot is held, \(jobs) jobs pass, beside none", "jobs/s", held,
                floor: plain, ratio: times.ratio(0, to: 1), goal: .atLeast(Self.goal)))
        let faults = try await LoadFaults.found(in: services, doctor: true)
        for line in BenchmarkLine.faults(faults, target.name, "snapshot") { tell(line) }
    }

    /// Where a transaction stands that only keeps its snapshot.
    private final class Hold: Sendable {
        let isTaken = Atomic(false)
        let isOver = Atomic(false)
    }

    /// What `body` returns while a transaction of `backend` sees the database as it was before.
    private static func holding(
        _ backend: any StorageBackend, _ body: () async throws -> Double
    ) async throws -> Double {
        let hold = Hold()
        defer { hold.isOver.store(true, ordering: .releasing) }
        let holder = Task {
            // Also when it fails: nobody waits for it then.
            defer { hold.isTaken.store(true, ordering: .releasing) }
            try await backend.read { db in
                // The first look takes the snapshot.
                _ = try db.execute(Statement(sql: "SELECT count(*) AS n FROM actions_job_queue"))
                hold.isTaken.store(true, ordering: .releasing)
                // The thread is the connection's own.
                while !hold.isOver.load(ordering: .acquiring) { usleep(1_000) }
            }
        }
        while !hold.isTaken.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
        let seconds = try await body()
        hold.isOver.store(true, ordering: .releasing)
        try await holder.value
        return seconds
    }
}
