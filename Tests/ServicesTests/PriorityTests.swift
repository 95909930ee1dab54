import Model
import Storage
import TestSupport
import Testing

@testable import Services

/// Jobs of a higher priority go first, also those that come later; a run's can be changed while it waits.
@Suite struct PriorityTests {
    private static func run(
        _ services: Services, _ race: Race, _ priority: Int64, legs: Int = 2, label: String = "self-hosted"
    ) async throws -> RunID {
        let list = (0..<legs).map(String.init).joined(separator: ",")
        let text = """
            on: push
            jobs:
              a: {runs-on: \(label), strategy: {matrix: {n: [\(list)]}}, steps: [{run: a}]}
              b: {runs-on: \(label), needs: a, steps: [{run: b}]}
            """
        var request = race.request(try Engine.source(text))
        request.priority = priority
        return try await services.runs.create(request, by: Race.principal).id
    }

    /// The runs whose jobs are claimed one by one, each completed.
    private static func order(_ services: Services, _ runner: RunnerID) async throws -> [RunID] {
        var order: [RunID] = []
        while let job = try await services.queue.claim(runner, limit: 1, by: Race.principal).first {
            order.append(job.execution.runID)
            try await services.runners.complete(job.assignment.token, .success, by: Race.principal)
        }
        return order
    }

    @Test(arguments: TestDatabase.allCases)
    func higherOnesGoFirst(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await race.runner("r", jobs: 9)
            let plain = try await Self.run(services, race, 0)
            let low = try await Self.run(services, race, -100, label: "linux")
            let high = try await Self.run(services, race, 100, label: "linux")
            let middle = try await Self.run(services, race, 1)
            let expected = [high, middle, plain, low].flatMap { [$0, $0, $0] }
            #expect(try await Self.order(services, runner) == expected)
            // Another attempt of it, too.
            let other = try await Self.run(services, race, 0)
            _ = try await services.runs.rerun(middle, .all, runner: nil, actor: "hubot", by: Race.principal)
            #expect(try await Self.order(services, runner) == [middle, middle, middle, other, other, other])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunThatWaitsCanBePutForward(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await race.runner("r", jobs: 9)
            let (a, b, c) = (
                try await Self.run(services, race, 0), try await Self.run(services, race, 0),
                try await Self.run(services, race, 0)
            )
            // One job of it runs already.
            let first = try #require(try await services.queue.claim(runner, limit: 1, by: Race.principal).first)
            #expect(first.execution.runID == a)
            try await services.queue.prioritize(c, 2, by: Race.principal)
            try await services.queue.prioritize(a, -1, by: Race.principal)
            try await services.runners.complete(first.assignment.token, .success, by: Race.principal)
            #expect(try await Self.order(services, runner) == [c, c, c, b, b, b, a, a])
            await #expect(throws: ServiceError.self) {
                try await services.queue.prioritize(a, 1, by: Race.principal)
            }
            #expect(try await services.doctor.check().isEmpty)
        }
    }

    @Test(arguments: [TestDatabase.sqliteMemory])
    func limits(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let run = try await Self.run(services, race, 0)
            for (priority, isTaken) in [(-101, false), (-100, true), (100, true), (101, false)] as [(Int64, Bool)] {
                if isTaken {
                    #expect(try await services.queue.prioritize(run, priority, by: Race.principal).priority == priority)
                    _ = try await Self.run(services, race, priority)
                } else {
                    await #expect(throws: ServiceError.self) {
                        try await services.queue.prioritize(run, priority, by: Race.principal)
                    }
                    await #expect(throws: ServiceError.self) { try await Self.run(services, race, priority) }
                }
            }
        }
    }

    /// Priorities change while the jobs are claimed: each is handed out once.
    @Test(arguments: TestDatabase.allCases)
    func changesAndClaimsRace(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = [Services(backend: race.backend), Services(backend: race.backend)]
            let runner = try await race.runner("r", jobs: 1_000)
            var runs: [RunID] = []
            for _ in 0..<4 { runs.append(try await Self.run(services[0], race, 0, legs: 10)) }
            let known = runs
            let taken = try await withThrowingTaskGroup(of: [ExecutionID].self) { group in
                for index in 0..<2 {
                    group.addTask {
                        for round in 0..<20 {
                            let run = known[(round + index) % known.count]
                            try await services[index].queue.prioritize(run, Int64(round % 3), by: Race.principal)
                        }
                        return []
                    }
                    group.addTask {
                        var taken: [ExecutionID] = []
                        for _ in 0..<15 {
                            taken += try await services[index].queue.claim(runner, limit: 1, by: Race.principal)
                                .map(\.execution.id)
                        }
                        return taken
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let all = taken + (try await race.claimAll(runner, of: services[0]))
            #expect(all.count == 40 && Set(all).count == 40)
            #expect(try await services[0].doctor.check().isEmpty)
        }
    }
}
