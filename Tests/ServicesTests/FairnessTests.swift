import Dispatch
import Model
import QueryBuilder
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// Whose job is next: priorities, repositories, label sets.
@Suite struct FairnessTests {
    private static func text(_ count: Int, _ label: String = "self-hosted") -> String {
        let list = (0..<count).map(String.init).joined(separator: ",")
        return "on: push\njobs: {a: {runs-on: \(label), strategy: {matrix: {n: [\(list)]}}, steps: [{run: a}]}}\n"
    }

    private static func run(
        _ services: Services, _ race: Race, repository: String, jobs: Int, label: String = "self-hosted"
    ) async throws {
        var request = race.request(try Engine.source(text(jobs, label)))
        request.repository = try await services.workflows.repository(
            location: "/\(repository)", owner: "octo", name: repository, defaultBranch: "main", by: Race.principal)
        _ = try await services.runs.create(request, by: Race.principal)
    }

    /// Names of the repositories of the jobs that are claimed, in order.
    private static func order(_ services: Services, _ runner: RunnerID, batch: Int) async throws -> [String] {
        var names: [String] = []
        while true {
            let claimed = try await services.queue.claim(runner, limit: batch, by: Race.principal)
            if claimed.isEmpty { return names }
            names += claimed.sorted { $0.execution.id < $1.execution.id }.map(\.repository.name)
            for message in claimed {
                try await services.runners.complete(message.assignment.token, .success, by: Race.principal)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aSmallRepositoryDoesNotWaitForALargeOne(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            for _ in 0..<2 { try await Self.run(services, race, repository: "large", jobs: 100) }
            for index in 0..<9 { try await Self.run(services, race, repository: "small\(index)", jobs: 4) }
            let runner = try await race.runner("r", jobs: 100)
            // Some were handed out before another one came.
            var names: [String] = []
            for _ in 0..<10 {
                let claimed = try await services.queue.claim(runner, limit: 1, by: Race.principal)
                names += claimed.map(\.repository.name)
            }
            try await Self.run(services, race, repository: "late", jobs: 2)
            names += try await Self.order(services, runner, batch: 1)
            #expect(names.count == 200 + 36 + 2)
            for index in 0..<9 {
                let first = try #require(names.firstIndex(of: "small\(index)"))
                let last = try #require(names.lastIndex(of: "small\(index)"))
                #expect(first < 10 && last < 45, "small\(index): \(first) to \(last)")
            }
            #expect(try #require(names.firstIndex(of: "late")) <= 20)
            // What is left goes in the order in which it came.
            #expect(names.suffix(100).allSatisfy { $0 == "large" })
        }
    }

    /// A set whose queue was empty begins at 0, which is no advantage over one that has worked for long.
    @Test(arguments: TestDatabase.allCases)
    func setsTakeTurnsByAge(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await race.runner("r", jobs: 100)
            try await Self.run(services, race, repository: "a", jobs: 6)
            for _ in 0..<3 { _ = try await services.queue.claim(runner, limit: 1, by: Race.principal) }
            try await Self.run(services, race, repository: "b", jobs: 3, label: "[self-hosted, linux]")
            #expect(try await Self.order(services, runner, batch: 1) == ["a", "a", "a", "b", "b", "b"])
        }
    }

    /// What another claim holds is passed over, however few wait.
    @Test(arguments: TestDatabase.allCases.filter { $0 == .postgres })
    func aHeldJobKeepsNobodyFromTheNext(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            try await Self.run(services, race, repository: "a", jobs: 3)
            let runner = try await race.runner("r", jobs: 9)
            let (isHeld, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let holder = Task {
                try await race.backend.transaction { db in
                    _ = try db.run(
                        Select("execution_id").from("actions_job_queue").orderBy("rank, execution_id").limit(1)
                            .forUpdate())
                    isHeld.signal()
                    mayEnd.wait()
                }
            }
            await Task.detached { Self.wait(isHeld) }.value
            let first = try await services.queue.claim(runner, limit: 1, by: Race.principal)
            let second = try await services.queue.claim(runner, limit: 9, by: Race.principal)
            mayEnd.signal()
            try await holder.value
            #expect(first.count == 1 && second.count == 1)
            let rest = try await services.queue.claim(runner, limit: 9, by: Race.principal)
            #expect(rest.map(\.execution.matrixIndex) == [0])
        }
    }

    private static func wait(_ semaphore: DispatchSemaphore) {
        semaphore.wait()
    }

    @Test func ranksOfClasses() {
        for (rank, expected) in [
            (0, 0), (1, 0), ((1 << 40) - 1, 0), (1 << 40, 1), (-1, -1), (-(1 << 40), -1), (-(1 << 40) - 1, -2),
        ] as [(Int64, Int64)] {
            #expect(QueueRows.priorityClass(of: rank) == expected, "\(rank)")
        }
    }
}
