import Model
import Storage
import Testing

@testable import Services

/// A runner ends a job and takes the next one in the same transaction.
@Suite struct TurnTests {
    private static func run(_ services: Services, _ race: Race, legs: Int = 1, more: String = "") async throws -> RunID
    {
        let list = (0..<legs).map(String.init).joined(separator: ",")
        let text =
            "on: push\njobs:\n  a: {runs-on: self-hosted, strategy: {matrix: {n: [\(list)]}, fail-fast: false}, steps: [{run: a}]}\n"
        return try await services.runs.create(race.request(try Engine.source(text + more)), by: Race.principal).id
    }

    private static func claim(_ services: Services, _ runner: RunnerID) async throws -> JobMessage? {
        try await services.queue.claim(runner, limit: 1, by: Race.principal).first
    }

    private static func turn(
        _ services: Services, _ message: JobMessage, _ runner: RunnerID, _ conclusion: JobConclusion = .success
    ) async throws -> [JobMessage] {
        try await services.runners.complete(
            Completion(message.assignment.token, conclusion), thenClaimFor: runner, by: Race.principal)
    }

    private static func state(_ services: Services, _ job: JobMessage) async throws -> JobStatus {
        try #require(
            try await services.history.jobs(of: job.execution.runID).first { $0.id == job.execution.id }
        ).status
    }

    @Test(arguments: TestDatabase.allCases)
    func oneEndsAndTheNextBegins(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await race.runner("r", jobs: 1)
            let first = try await Self.run(services, race, legs: 3)
            let second = try await Self.run(services, race)
            var job = try #require(try await Self.claim(services, runner))
            for _ in 0..<2 {
                let next = try await Self.turn(services, job, runner)
                #expect(next.count == 1 && next.first?.execution.runID == first)
                #expect(try await Self.state(services, job) == .completed)
                job = try #require(next.first)
                #expect(try await Self.state(services, job) == .inProgress)
                #expect(try await Self.claim(services, runner) == nil)
            }
            // The last one ends its run, which is not done together with others.
            #expect(try await Self.turn(services, job, runner).isEmpty)
            #expect(try await services.history.run(first)?.run.conclusion == .success)
            let last = try #require(try await Self.claim(services, runner))
            #expect(last.execution.runID == second)
            #expect(try await Self.turn(services, last, runner).isEmpty)
            #expect(try await services.history.run(second)?.run.conclusion == .success)
        }
    }

    /// Who may not take jobs any more only ends what it has.
    @Test(arguments: TestDatabase.allCases)
    func stoppedRunnersTakeNothing(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            _ = try await Self.run(services, race, legs: 9)
            for name in ["drains", "pauses", "is offline", "is gone"] {
                let runner = try await race.runner(name, jobs: 2)
                let job = try #require(try await Self.claim(services, runner))
                let runners = services.runners
                switch name {
                case "drains": _ = try await runners.setDraining(runner, true, by: Race.principal)
                case "pauses": _ = try await runners.setPaused(runner, "noon", by: Race.principal)
                case "is offline": _ = try await runners.updateStatus(runner, .offline, by: Race.principal)
                default: try await runners.unregisterKnown(runner, by: Race.principal)
                }
                do {
                    #expect(try await Self.turn(services, job, runner).isEmpty, "\(name)")
                    #expect(try await Self.state(services, job) == .completed, "\(name)")
                } catch let error as ServiceError where name == "is gone" {
                    // Its jobs were taken back with it.
                    #expect(error.code == .staleAssignment)
                }
            }
        }
    }

    /// A result that comes late ends nothing, and gives no seat: the runner has another job by now.
    @Test(arguments: TestDatabase.allCases)
    func aLateResultIsNoSeat(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await race.runner("r", jobs: 1)
            _ = try await Self.run(services, race, legs: 4)
            let old = try #require(try await Self.claim(services, runner))
            _ = try await Self.turn(services, old, runner)
            let error = await #expect(throws: ServiceError.self) { try await Self.turn(services, old, runner) }
            #expect(error?.code == .staleAssignment)
            #expect(try await services.runners.get(runner, by: Race.principal).liveJobs == 1)
            // Nor does the end of another runner's job.
            let other = try await race.runner("s", jobs: 1)
            let its = try #require(try await Self.claim(services, other))
            #expect(try await Self.turn(services, its, runner).isEmpty)
            #expect(try await services.doctor.check().isEmpty)
        }
    }

    /// Runners of two servers, some jobs of which release others or fail: each is done once, and no runner has more than
    /// it may have.
    @Test(arguments: TestDatabase.allCases)
    func manyRunnersAtOnce(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let servers = [Services(backend: race.backend), Services(backend: race.backend)]
            for _ in 0..<6 {
                _ = try await Self.run(
                    servers[0], race, legs: 6, more: "  b: {runs-on: self-hosted, needs: a, steps: [{run: b}]}\n")
            }
            var runners: [RunnerID] = []
            for index in 0..<8 { runners.append(try await race.runner("r\(index)", jobs: 1 + Int64(index % 2))) }
            let known = runners
            let done = try await withThrowingTaskGroup(of: [ExecutionID].self) { group in
                for (index, runner) in known.enumerated() {
                    group.addTask {
                        let services = servers[index % 2]
                        var done: [ExecutionID] = []
                        var idle = 0
                        var jobs: [JobMessage] = []
                        while idle < 20 {
                            if jobs.isEmpty {
                                jobs = try await services.queue.claim(runner, limit: 2, by: Race.principal)
                            }
                            guard let job = jobs.popLast() else {
                                idle += 1
                                try await Task.sleep(for: .milliseconds(5))
                                continue
                            }
                            idle = 0
                            done.append(job.execution.id)
                            jobs += try await Self.turn(services, job, runner)
                        }
                        return done
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(done.count == 6 * 7 && Set(done).count == done.count)
            for run in try await servers[0].history.runs(limit: 10) { #expect(run.run.conclusion == .success) }
            #expect(try await servers[0].doctor.check().isEmpty)
        }
    }

    /// What one runner asks for several times at once is no more than it has room for.
    @Test(arguments: TestDatabase.allCases)
    func oneRunnerAsksAtOnce(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await race.runner("r", jobs: 2)
            _ = try await Self.run(services, race, legs: 9)
            let reach = try await services.queue.reach(of: runner)
            let request = ClaimPlanner.Request(runner: runner, limit: 2, reach: reach, principal: Race.principal)
            #expect(try await services.claims.take([request, request, request], services).claimed.count == 2)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func theDoctorCountsTheJobsOfARunner(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await race.runner("r", jobs: 2)
            _ = try await Self.run(services, race, legs: 2)
            _ = try await services.queue.claim(runner, limit: 2, by: Race.principal)
            #expect(try await services.doctor.check().isEmpty)
            try await race.backend.transaction { db in
                _ = try db.execute(Statement(sql: "UPDATE actions_runners SET max_parallel_jobs = 1"))
            }
            #expect(
                try await services.doctor.check().map(\.rule) == [
                    "runners hold at most as many jobs as they may at once"
                ])
            try await race.backend.transaction { db in
                _ = try db.execute(Statement(sql: "UPDATE actions_runners SET max_parallel_jobs = 2"))
            }
        }
    }
}
