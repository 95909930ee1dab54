internal import Model
internal import Services

/// `plue bench queue --part fairness`: the jobs of one large repository are queued before those of 49 small ones; when is
/// each small one's first job handed out?
package struct FairnessBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let isQuick: Bool

    /// `isQuick`: a tenth of the jobs.
    package init(_ target: BenchmarkTarget, isQuick: Bool) {
        self.target = target
        self.isQuick = isQuick
    }

    private static let principal = Principal(.runner, "bench")
    private static let small = 49
    private static let goal = 100.0

    /// Positions are counted from 1, in the order of claims of one runner.
    package func run(_ tell: (BenchmarkLine) -> Void) async throws {
        try await target.with("fairness") { database in
            let services = try await Services.open(database.backend, migrations: target.migrations)
            let (runs, width, few) = isQuick ? (4, 25, 2) : (40, 250, 20)
            let large = try await QueueWork.request(
                "large", Self.matrix(width), repository: "large", services)
            for _ in 0..<runs { _ = try await services.runs.create(large, by: .system) }
            for number in 1...Self.small {
                let request = try await QueueWork.request(
                    "small", Self.matrix(few), repository: "small-\(number)", services)
                _ = try await services.runs.create(request, by: .system)
            }
            let runner = try await QueueWork.register(1, jobs: 100_000, services)[0]
            var first: [String: Int] = [:]
            var position = 0
            while first.count < Self.small {
                let claimed = try await services.queue.claim(runner, limit: 1, by: Self.principal)
                guard let job = claimed.first else { break }
                position += 1
                let name = job.repository.name
                if name != "large", first[name] == nil { first[name] = position }
            }
            let (jobs, others) = (runs * width, Self.small * few)
            guard first.count == Self.small else {
                throw BenchmarkError("of \(jobs + others) jobs \(position) were handed out")
            }
            let places = first.values.sorted()
            let name = "\(jobs) jobs of one repository, then \(others) of \(Self.small)"
            tell(
                BenchmarkLine(
                    queue: target.name, "\(name): the last one's first job", "position", Double(places.last ?? 0),
                    goal: .atMost(Self.goal)))
            tell(
                BenchmarkLine(
                    queue: target.name, "\(name): the median first job", "position",
                    Alternating.median(places.map(Double.init))))
        }
    }

    private static func matrix(_ legs: Int) -> String {
        let list = (0..<legs).map(String.init).joined(separator: ", ")
        return
            "on: push\njobs:\n  a: {runs-on: self-hosted, strategy: {matrix: {n: [\(list)]}}, steps: [{run: 'true'}]}\n"
    }
}
