internal import Model
internal import Services
internal import Storage

/// `plue bench queue --part claims`: how long a claim takes while very many jobs of many label sets wait, for runners that
/// ask one after the other; also where only the newest jobs match, and where a repository's own runner stands behind the
/// jobs of others.
package struct ClaimBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let jobs: Int
    private let runners: Int

    /// - Parameters:
    ///   - jobs: that wait, in whole runs of 10,000, or of 1,000 where they are fewer.
    ///   - runners: each for one of fifty label sets.
    package init(_ target: BenchmarkTarget, jobs: Int, runners: Int) {
        self.target = target
        self.jobs = jobs
        self.runners = runners
    }

    private static let principal = Principal(.runner, "bench")
    private static let sets = 50
    /// Claims of a measurement of one runner.
    private static let claims = 200
    /// Milliseconds.
    private static let goal = 5.0

    package func run(_ tell: (BenchmarkLine) -> Void) async throws {
        let database = try await target.database("claims", connections: 4)
        do {
            let services = try await Services.open(database.backend, migrations: target.migrations)
            try await measure(services, tell)
            try await database.remove()
        } catch {
            try? await database.remove()
            throw error
        }
    }

    private func measure(_ services: Services, _ tell: (BenchmarkLine) -> Void) async throws {
        // A repository with a runner of its own, in an empty queue first.
        let own = try await Self.request("own", Self.file(keys: 1, legs: Self.claims) { _ in "own" }, "own", services)
        let ownRunner = try await Self.register("own", ["own"], .repository(own.repository.id), services)
        _ = try await services.runs.create(own, by: .system)
        let alone = try await Self.times(Self.claims) { try await Self.claim(ownRunner, services) }
        let width = min(10_000, max(1_000, jobs))
        let wide = try await Self.request(
            "wide", Self.file(keys: Self.sets, legs: width / Self.sets) { "set-\($0)" }, "wide", services)
        let fill = try await Alternating.time {
            for _ in 0..<max(1, jobs / width) { _ = try await services.runs.create(wide, by: .system) }
        }
        tell(line("jobs created and queued, runs of \(width)", "jobs/s", Double(max(1, jobs / width) * width) / fill))
        let rare = try await Self.request("rare", Self.file(keys: 4, legs: 250) { _ in "rare" }, "wide", services)
        _ = try await services.runs.create(rare, by: .system)
        _ = try await services.runs.create(own, by: .system)
        var ids: [RunnerID] = []
        for number in 0..<runners {
            ids.append(
                try await Self.register("r\(number)", ["set-\(number % Self.sets)"], .global, services))
        }
        let rareRunner = try await Self.register("rare", ["rare"], .global, services)
        let every = try await Self.register("all", (0..<Self.sets).map { "set-\($0)" } + ["rare"], .global, services)
        // A runner that speaks for the first time has its labels read.
        var first: [Double] = []
        for id in ids { first.append(try await Alternating.time { try await Self.claim(id, services) } * 1_000) }
        tellTimes(first, "\(runners) runners of \(Self.sets) label sets, the first claim of each", goal: nil, tell)
        var steady: [Double] = []
        for id in ids { steady.append(try await Alternating.time { try await Self.claim(id, services) } * 1_000) }
        tellTimes(steady, "\(runners) runners of \(Self.sets) label sets", goal: Self.goal, tell)
        tellTimes(
            try await Self.times(Self.claims) { try await Self.claim(rareRunner, services) },
            "only the newest of the jobs match", goal: Self.goal, tell)
        tellTimes(
            try await Self.times(Self.claims) { try await Self.claim(every, services) },
            "a runner that takes all sets", goal: Self.goal, tell)
        let behind = try await Self.times(Self.claims) { try await Self.claim(ownRunner, services) }
        let (p99, alone99) = (Self.percentile(behind, 0.99), Self.percentile(alone, 0.99))
        tell(
            line(
                "claim p99 of a repository's own runner behind all others', beside an empty queue", "ms", p99,
                floor: alone99, ratio: p99 / alone99, goal: .atMost(2)))
    }

    private func tellTimes(_ times: [Double], _ name: String, goal: Double?, _ tell: (BenchmarkLine) -> Void) {
        tell(line("claim p50, \(jobs) jobs wait, \(name)", "ms", Self.percentile(times, 0.5)))
        tell(
            line(
                "claim p99, \(jobs) jobs wait, \(name)", "ms", Self.percentile(times, 0.99),
                goal: goal.map { .atMost($0) }))
    }

    private func line(
        _ name: String, _ unit: String, _ ours: Double, floor: Double? = nil, ratio: Double? = nil, goal: Goal? = nil
    ) -> BenchmarkLine {
        BenchmarkLine(queue: target.name, name, unit, ours, floor: floor, ratio: ratio, goal: goal)
    }

    private static func claim(_ runner: RunnerID, _ services: Services) async throws {
        let claimed = try await services.queue.claim(runner, limit: 1, by: principal)
        guard claimed.count == 1 else { throw BenchmarkError("a runner got \(claimed.count) jobs") }
    }

    /// Milliseconds of each.
    private static func times(_ count: Int, _ body: () async throws -> Void) async throws -> [Double] {
        var times: [Double] = []
        for _ in 0..<count { times.append(try await Alternating.time(body) * 1_000) }
        return times
    }

    private static func percentile(_ times: [Double], _ part: Double) -> Double {
        let sorted = times.sorted()
        guard let last = sorted.last else { return 0 }
        let place = Int((Double(sorted.count) * part).rounded(.up)) - 1
        return sorted.indices.contains(place) ? sorted[place] : last
    }

    private static func register(
        _ name: String, _ labels: [String], _ scope: RunnerScope, _ services: Services
    ) async throws -> RunnerID {
        let runner = try await services.runners.register(
            RunnerRegistration(
                name: name, labels: labels, scope: scope, capabilities: RunnerCapabilities(maxParallelJobs: 10_000)),
            by: .system)
        return try await services.runners.updateStatus(runner.id, .online, by: .system).id
    }

    /// Jobs of as many legs each; `label` names the label of a job.
    private static func file(keys: Int, legs: Int, _ label: (Int) -> String) -> String {
        let list = (0..<legs).map(String.init).joined(separator: ", ")
        let jobs = (0..<keys).map { number in
            "  j\(number): {runs-on: [self-hosted, \(label(number))], strategy: {matrix: {n: [\(list)]}}, "
                + "steps: [{run: 'true'}]}\n"
        }
        return "on: push\njobs:\n" + jobs.joined()
    }

    private static func request(
        _ name: String, _ text: String, _ repository: String, _ services: Services
    ) async throws -> RunRequest {
        var request = try await RunCreationBenchmark.request(name, text, services)
        request.repository = try await services.workflows.repository(
            location: "/bench/\(repository)", owner: "plue", name: repository, defaultBranch: "main", by: .system)
        return request
    }
}
