internal import Execution
internal import Model
internal import Services
internal import WorkflowSyntax

/// `plue bench queue --part idle`: what runners cost that wait for jobs, connected as `plue runner start --runners` does.
package struct IdleBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let runners: Int
    private let seconds: Int

    package init(_ target: BenchmarkTarget, runners: Int = 200, seconds: Int = 20) {
        self.target = target
        self.runners = runners
        self.seconds = seconds
    }

    private static let goal = 5.0

    /// No zones: there are no schedules.
    private struct NoZones: ZoneSource {
        let names: [String] = []
        func file(of name: String) -> [UInt8]? { nil }
    }

    package func run(_ tell: (BenchmarkLine) -> Void) async throws {
        try await target.with("idle", connections: 4) { database in
            let counter = RoundTrips()
            let services = try await Services.open(
                ObservedBackend(database.backend, counter), migrations: target.migrations)
            var registered: [Runner] = []
            for id in try await QueueWork.register(runners, jobs: 1, services) {
                registered.append(try await services.runners.get(id, by: .system))
            }
            let server = RunnerServer(
                runners: registered, services: services, duties: ServerDuties(zones: NoZones()) { _ in .stored }
            ) { _ in
            } host: { _, _ in
                throw ExecutionError("an idle runner got a job")
            }
            let serving = Task { try await server.run() }
            // Its beginning is no idleness.
            _ = try await Self.asked(counter)
            try await Task.sleep(for: .seconds(1))
            _ = counter.take()
            let began = ContinuousClock.now
            try await Task.sleep(for: .seconds(seconds))
            // One that has not been heard of yet asks late, not never.
            let statements = try await Self.asked(counter)
            let elapsed = (ContinuousClock.now - began) / .seconds(1)
            server.stop()
            try await serving.value
            tell(
                BenchmarkLine(
                    queue: target.name, "\(runners) idle runners of a server, BEGIN and COMMIT counted", "statements/s",
                    Double(statements) / elapsed, goal: .atMost(Self.goal)))
        }
    }

    /// How many statements were sent since the last call, waiting for the first.
    private static func asked(_ counter: RoundTrips) async throws -> Int {
        let limit = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < limit {
            let statements = counter.take().statements
            guard statements == 0 else { return statements }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw BenchmarkError("idle runners have asked nothing for 30 s")
    }
}
