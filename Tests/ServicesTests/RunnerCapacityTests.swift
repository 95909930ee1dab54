import Model
import Storage
import Testing

@testable import Services

/// Capabilities as labels, capacity over several servers, and which of several runners a job goes to.
@Suite struct RunnerCapacityTests {
    private static func run(_ race: Race, labels: String, legs: Int = 1, repository: Repository? = nil) async throws {
        let list = (1...legs).map(String.init).joined(separator: ", ")
        let text =
            "on: push\njobs: {a: {runs-on: \(labels), strategy: {matrix: {n: [\(list)]}}, steps: [{run: a}]}}\n"
        var request = race.request(try Engine.source(text))
        if let repository { request.repository = repository }
        _ = try await Services(backend: race.backend).runs.create(request, by: Race.principal)
    }

    private static func online(
        _ race: Race, _ name: String, _ capabilities: RunnerCapabilities
    ) async throws -> RunnerID {
        let runners = Services(backend: race.backend).runners
        let made = try await runners.register(
            RunnerRegistration(name: name, capabilities: capabilities), by: Race.principal)
        return try await runners.updateStatus(made.id, .online, by: Race.principal).id
    }

    @Test(arguments: TestDatabase.allCases)
    func capabilitiesAreLabels(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let both = RunnerCapabilities(
                maxParallelJobs: 9, supportedArchitectures: ["X64", "arm64"], dockerEnabled: true, version: "1.2")
            let plain = RunnerCapabilities(maxParallelJobs: 9, supportedArchitectures: ["x64"], os: "macOS")
            let wide = try await Self.online(race, "wide", both)
            let narrow = try await Self.online(race, "narrow", plain)
            let read = try await services.runners.get(wide, by: Race.principal).capabilities
            #expect(read.supportedArchitectures == ["x64", "arm64"] && read.dockerEnabled && read.version == "1.2")
            for (labels, taker) in [
                ("[self-hosted, ARM64]", wide), ("[self-hosted, docker]", wide), ("[Linux, X64]", wide),
                ("[macos, x64]", narrow),
            ] {
                try await Self.run(race, labels: labels)
                let other = taker == wide ? narrow : wide
                #expect(try await services.queue.claim(other, limit: 9, by: Race.principal).isEmpty, "\(labels)")
                #expect(try await services.queue.claim(taker, limit: 9, by: Race.principal).count == 1, "\(labels)")
            }
            // It registers again, and can do something else.
            try await services.runners.unregisterKnown(narrow, by: Race.principal)
            var changed = plain
            changed.supportedArchitectures = ["arm64"]
            let again = try await Self.online(race, "narrow", changed)
            let labels = try await services.runners.get(again, by: Race.principal).labels
            #expect(labels == ["arm64", "macos", "self-hosted"])
        }
    }

    /// Two servers that work for one runner, at its capacity ±1.
    @Test(arguments: TestDatabase.allCases)
    func capacityHoldsOverServers(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await Self.online(race, "r", RunnerCapabilities(maxParallelJobs: 4))
            try await Self.run(race, labels: "self-hosted", legs: 30)
            let counts = try await withThrowingTaskGroup(of: [JobToken].self) { group in
                for limit in [3, 5, 4, 1] {
                    group.addTask {
                        try await Services(backend: race.backend).queue
                            .claim(runner, limit: limit, by: Race.principal).map(\.assignment.token)
                    }
                }
                return try await group.reduce(into: [JobToken]()) { $0 += $1 }
            }
            #expect(counts.count == 4)
            let state = try await services.runners.get(runner, by: Race.principal)
            #expect(state.liveJobs == 4 && state.maxParallelJobs == 4)
            #expect(try await services.queue.claim(runner, limit: 1, by: Race.principal).isEmpty)
            try await services.runners.complete(counts[0], .success, by: Race.principal)
            let next = try await services.queue.claim(runner, limit: 5, by: Race.principal)
            #expect(next.count == 1, "one place is free")
        }
    }

    private static func room(_ id: Int64, _ live: Int64, of most: Int64, count: Int? = nil) throws -> RunnerSeats.Room {
        let values: [(String, Value)] = [
            ("id", .integer(id)), ("uuid", .text("u\(id)")), ("name", .text("r\(id)")), ("status", .text("online")),
            ("ephemeral", .boolean(false)), ("draining", .boolean(false)), ("paused_reason", .null),
            ("lock_path", .null), ("repository_id", .null), ("organization_id", .null), ("runner_group_id", .null),
            ("max_parallel_jobs", .integer(most)), ("docker_enabled", .boolean(false)), ("os", .text("linux")),
            ("version", .text("0")), ("created_at", .timestamp(Timestamp(microseconds: 0))),
        ]
        let rows = Rows(columns: Columns(values.map(\.0)), values: values.map(\.1), changes: 0)
        return RunnerSeats.Room(
            runner: try Runner(try #require(rows.first)), live: live, count: count ?? Int(most - live))
    }

    @Test func theLeastLoadedGoFirst() throws {
        func seats(
            _ room: [RunnerSeats.Room], _ last: [Int64?] = [], for repositories: [Int64] = [1, 1, 1, 1, 1, 1, 1, 1]
        ) -> [Int64] {
            let known = room.indices.map { last.indices.contains($0) ? last[$0].map { RepositoryID($0) } : nil }
            return RunnerSeats.plan(room, last: known, for: repositories.map { RepositoryID($0) })
                .map(\.id.rawValue)
        }
        // By load, not by count; the room that is there, no more.
        #expect(seats([try Self.room(1, 1, of: 2), try Self.room(2, 1, of: 4)]) == [2, 1, 2, 2])
        #expect(seats([try Self.room(1, 2, of: 2), try Self.room(2, 0, of: 1)]) == [2])
        #expect(seats([try Self.room(1, 0, of: 4, count: 1), try Self.room(2, 3, of: 4)]) == [1, 2])
        #expect(seats([]).isEmpty)
        // Of equally loaded ones that which is warm; one that is warm for another job is kept for it.
        let idle = try (1...3).map { try Self.room($0, 0, of: 1) }
        #expect(seats(idle, [nil, nil, 7], for: [7, 8]) == [3, 1])
        #expect(seats(idle, [8, nil, 7], for: [9, 8, 7]) == [2, 1, 3])
        // A warm one does not go before a less loaded one.
        #expect(seats([try Self.room(1, 1, of: 2), try Self.room(2, 0, of: 2)], [1, nil], for: [1]) == [2])
    }

    @Test(arguments: TestDatabase.allCases)
    func aJobGoesWhereItsRepositoryWas(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let second = try await services.workflows.repository(
                location: "/s", owner: "octo", name: "second", defaultBranch: "main", by: Race.principal)
            var runners: [RunnerID] = []
            for name in ["a", "b"] { runners.append(try await race.runner(name, jobs: 1)) }
            // Each served one repository.
            for (runner, repository) in zip(runners, [race.repository, second]) {
                try await Self.run(race, labels: "self-hosted", repository: repository)
                let job = try #require(try await services.queue.claim(runner, limit: 1, by: Race.principal).first)
                try await services.runners.complete(job.assignment.token, .success, by: Race.principal)
            }
            let reach = RunnerReach(scope: .global, group: nil, sets: [1])
            let requests = runners.map {
                ClaimGroup.Request(runner: $0, limit: 1, reach: reach, principal: Race.principal)
            }
            for repository in [second, race.repository] {
                try await Self.run(race, labels: "self-hosted", repository: repository)
                let claimed = try await services.claims.take(requests, services).claimed
                let expected = repository.id == second.id ? runners[1] : runners[0]
                #expect(claimed.map(\.runner) == [expected])
                let token = try #require(claimed.first).assignment.token
                try await services.runners.complete(token, .success, by: Race.principal)
            }
        }
    }
}
