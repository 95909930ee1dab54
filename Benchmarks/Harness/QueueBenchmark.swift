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

    /// - Parameters:
    ///   - jobs: waiting in the queue before each measurement.
    ///   - connections: runners that claim at the same time, each by a connection of its own.
    package init(_ target: BenchmarkTarget, jobs: Int, rounds: Int, connections: Int) {
        self.target = target
        self.jobs = jobs
        self.rounds = rounds
        self.connections = connections
    }

    private static let principal = Principal(.runner, "bench")
    /// Jobs of a run.
    private static let width = 10

    /// Figures of each batch size; throws ``BenchmarkError`` when a job was lost or done twice.
    package func run(_ batches: [Int], _ tell: (BenchmarkLine) -> Void) async throws {
        let database = try await target.database("queue", connections: connections)
        do {
            let services = try await Services.open(database.backend, migrations: target.migrations)
            let runners = try await register(services)
            let request = try await Self.request(services)
            try await database.script("CREATE TABLE bench_floor (id INTEGER)")
            for batch in batches {
                var times: [Double] = []
                var floors: [Double] = []
                for _ in 0..<rounds {
                    for _ in 0..<(jobs / Self.width) {
                        _ = try await services.runs.create(request, by: Self.principal)
                    }
                    floors.append(try await floor(database.backend))
                    times.append(try await drain(services, runners, batch: batch))
                    try await check(services)
                }
                let rate = Double(jobs) / Alternating.median(times)
                let raw = Double(connections * 250) / Alternating.median(floors)
                tell(
                    BenchmarkLine(
                        queue: target.name, "claimed and completed, batch \(batch), \(connections) runners", "jobs/s",
                        rate, floor: raw, ratio: rate / raw, goal: batch == 1 ? .atLeast(0.2) : nil))
            }
            tell(try await statements(services, runners, request))
            try await database.remove()
        } catch {
            try? await database.remove()
            throw error
        }
    }

    private func register(_ services: Services) async throws -> [RunnerID] {
        var runners: [RunnerID] = []
        for number in 0..<connections {
            let runner = try await services.runners.register(
                RunnerRegistration(
                    name: "bench-\(number)", capabilities: RunnerCapabilities(maxParallelJobs: 1_000)),
                by: Self.principal)
            runners.append(try await services.runners.updateStatus(runner.id, .online, by: Self.principal).id)
        }
        return runners
    }

    /// Seconds until the queue is empty and all is done.
    private func drain(_ services: Services, _ runners: [RunnerID], batch: Int) async throws -> Double {
        let total = jobs
        let done = try await Alternating.time {
            let count = try await withThrowingTaskGroup(of: Int.self) { group in
                for runner in runners {
                    group.addTask { try await Self.work(services, runner, batch: batch) }
                }
                return try await group.reduce(0, +)
            }
            guard count == total else { throw BenchmarkError("\(count) of \(total) jobs were done") }
        }
        return done
    }

    private static func work(_ services: Services, _ runner: RunnerID, batch: Int) async throws -> Int {
        var count = 0
        while true {
            let claimed = try await services.queue.claim(runner, limit: batch, by: principal)
            if claimed.isEmpty {
                guard try await services.queue.hasWaiting() else { return count }
                continue
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for message in claimed { group.addTask { try await finish(message, services) } }
                try await group.waitForAll()
            }
            count += claimed.count
        }
    }

    /// One step, as a runner reports it.
    private static func finish(_ message: JobMessage, _ services: Services) async throws {
        let now = message.execution.startedAt?.microseconds ?? 0
        let result = StepResult(
            number: 1, name: "Run true", outcome: .success, conclusion: .success, exitCode: 0, milliseconds: 1)
        let reports: [JobReport] = [
            .stepStarted(number: 1, name: "Run true", contextName: "__run", action: nil, at: now),
            .stepFinished(result, logFirstLine: nil, logLineCount: 0, at: now),
        ]
        try await services.runners.complete(
            Completion(message.assignment.token, .success, reports: (message.assignment, reports)), by: principal)
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

    /// Nothing lost, nothing done twice.
    private func check(_ services: Services) async throws {
        let wrong = try await services.backend.read { db in
            try db.execute(
                Statement(
                    sql: """
                        SELECT count(*) AS n FROM actions_job_executions
                        WHERE claims <> 1 OR conclusion IS NULL OR conclusion <> 'success'
                        """)
            ).first?["n"] as Int64?
        }
        guard wrong == 0 else { throw BenchmarkError("\(wrong ?? -1) jobs were lost or done twice") }
    }

    /// What one job costs in statements and round trips.
    private func statements(
        _ services: Services, _ runners: [RunnerID], _ request: RunRequest
    ) async throws -> BenchmarkLine {
        let counter = RoundTrips()
        let observed = Services(backend: ObservedBackend(services.backend, counter))
        for _ in 0..<10 { _ = try await services.runs.create(request, by: Self.principal) }
        _ = try await Self.work(observed, runners[0], batch: 1)
        let counts = counter.take()
        let count = Double(10 * Self.width)
        return BenchmarkLine(
            queue: target.name, "statements of a job, and round trips, batch 1", "a job",
            Double(counts.statements) / count, floor: Double(counts.roundTrips) / count)
    }

    private static func request(_ services: Services) async throws -> RunRequest {
        let jobs = (1...width).map { "  j\($0): {runs-on: self-hosted, steps: [{run: 'true'}]}\n" }.joined()
        return try await RunCreationBenchmark.request("queue", "on: push\njobs:\n" + jobs, services)
    }
}
