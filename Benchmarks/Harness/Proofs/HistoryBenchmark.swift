internal import Services

/// `plue bench queue --part history`: throughput beside very many jobs that have ended, beside throughput without them.
package struct HistoryBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let jobs: Int
    private let rounds: Int
    private let connections: Int
    private let finished: Int

    /// - Parameters:
    ///   - jobs: that pass in each round, in runs of ten.
    ///   - finished: jobs in the tables, in runs of ten, with their steps, claims and transitions.
    package init(_ target: BenchmarkTarget, jobs: Int, rounds: Int, connections: Int, finished: Int) {
        self.target = target
        self.jobs = max(10, jobs / 10 * 10)
        self.rounds = rounds
        self.connections = connections
        self.finished = finished
    }

    private static let goal = 0.9

    package func run(_ tell: (BenchmarkLine) -> Void) async throws {
        try await target.with("empty", connections: connections) { empty in
            try await target.with("full", connections: connections) { full in
                try await measure(empty, full, tell)
            }
        }
    }

    private func measure(
        _ empty: BenchmarkDatabase, _ full: BenchmarkDatabase, _ tell: (BenchmarkLine) -> Void
    ) async throws {
        var works: [QueueWork] = []
        for database in [empty, full] {
            let services = try await Services.open(database.backend, migrations: target.migrations)
            if database.place == full.place {
                try await ScaleData(runs: finished / 10, jobs: 10, lines: 100, isWhole: true, open: 0)
                    .load(database.backend)
                // Its fifty label sets would all be those of our runners, which look into each.
                try await database.script("UPDATE actions_label_sets SET labels = '[\"other\"]'")
                try await target.settle(database)
            }
            works.append(
                try await QueueWork(
                    services: services, runners: QueueWork.register(connections, jobs: 1_000, services)))
        }
        let (few, many) = (works[0], works[1])
        let first = try await many.lastJob()
        let times = try await Alternating(
            rounds: rounds, warmUp: 1,
            [(few, empty), (many, full)].map { work, database in
                {
                    try await target.clean(database)
                    return try await work.fillAndDrain(jobs)
                }
            })
        let (plain, beside) = (Double(jobs) / times.median(0), Double(jobs) / times.median(1))
        tell(
            BenchmarkLine(
                queue: target.name, "beside \(Figure.text(Double(finished))) jobs that have ended, beside none",
                "jobs/s", beside, floor: plain, ratio: times.ratio(0, to: 1), goal: .atLeast(Self.goal)))
        // The doctor knows that rows made by the database itself are no runs.
        let faults = try await LoadFaults.found(in: many.services, after: first, doctor: false)
        for line in BenchmarkLine.faults(faults, target.name, "history") { tell(line) }
    }
}
