internal import Model
internal import Services
internal import Storage

/// `plue bench queue`: jobs claimed and completed a second, through the services that runners use, beside single rows
/// inserted and committed by the same driver.
package struct QueueBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let jobs: Int
    private let rounds: Int
    private let connections: Int
    private let synchronousCommit: Bool

    /// - Parameters:
    ///   - jobs: waiting in the queue before each measurement.
    ///   - connections: runners that claim at the same time, each by a connection of its own.
    ///   - synchronousCommit: of PostgreSQL: whether a commit waits for the disk.
    package init(
        _ target: BenchmarkTarget, jobs: Int, rounds: Int, connections: Int, synchronousCommit: Bool = true
    ) {
        self.target = target
        self.jobs = jobs
        self.rounds = rounds
        self.connections = connections
        self.synchronousCommit = synchronousCommit
    }

    /// Jobs of a run.
    private static let width = 10

    /// Figures of each batch size; a job that was lost or done twice is one too.
    package func run(_ batches: [Int], _ tell: (BenchmarkLine) -> Void) async throws {
        let database = try await target.database(
            "queue", connections: connections, synchronousCommit: synchronousCommit)
        do {
            let services = try await Services.open(database.backend, migrations: target.migrations)
            let runners = try await QueueWork.register(connections, jobs: 1_000, services)
            let work = QueueWork(services: services, runners: runners)
            let request = try await QueueWork.request(
                "queue", QueueWork.file(jobs: Self.width), repository: "bench", services)
            var faults = LoadFaults()
            try await database.script("CREATE TABLE bench_floor (id INTEGER)")
            for batch in batches {
                var times: [Double] = []
                var floors: [Double] = []
                for _ in 0..<rounds {
                    for _ in 0..<(jobs / Self.width) {
                        _ = try await services.runs.create(request, by: .system)
                    }
                    floors.append(try await floor(database.backend))
                    times.append(try await work.drain(jobs, batch: batch))
                    faults = try await LoadFaults.found(in: services, doctor: false)
                    if !faults.isNone { break }
                }
                let rate = Double(jobs) / Alternating.median(times)
                let raw = Double(connections * 250) / Alternating.median(floors)
                tell(
                    BenchmarkLine(
                        queue: target.name, "claimed and completed, batch \(batch), \(connections) runners", "jobs/s",
                        rate, floor: raw, ratio: rate / raw, goal: batch == 1 ? .atLeast(0.2) : nil))
            }
            tell(try await statements(services, runners, request))
            faults.brokenRules = try await services.doctor.check().count
            for line in BenchmarkLine.faults(faults, target.name, "throughput") { tell(line) }
            try await database.remove()
        } catch {
            try? await database.remove()
            throw error
        }
    }

    /// Seconds for 250 rows by each connection, each committed.
    private func floor(_ backend: any StorageBackend) async throws -> Double {
        try await Alternating.time {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<connections {
                    group.addTask {
                        for _ in 0..<250 {
                            try await backend.transaction { db in
                                _ = try db.execute(Statement(sql: "INSERT INTO bench_floor (id) VALUES (1)"))
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// What one job costs in statements and round trips.
    private func statements(
        _ services: Services, _ runners: [RunnerID], _ request: RunRequest
    ) async throws -> BenchmarkLine {
        let counter = RoundTrips()
        let observed = Services(backend: ObservedBackend(services.backend, counter))
        for _ in 0..<10 { _ = try await services.runs.create(request, by: .system) }
        _ = try await QueueWork(services: observed, runners: runners).work(runners[0], batch: 1)
        let counts = counter.take()
        let count = Double(10 * Self.width)
        return BenchmarkLine(
            queue: target.name, "statements of a job, and round trips, batch 1", "a job",
            Double(counts.statements) / count, floor: Double(counts.roundTrips) / count)
    }
}
