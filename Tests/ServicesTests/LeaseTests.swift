import Model
import QueryBuilder
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// Claims of registered runners: leases, their renewal, jobs that are taken back, late results.
@Suite struct LeaseTests {
    private static let text = "on: push\njobs: {a: {runs-on: self-hosted, steps: [{run: a}]}}\n"

    private static func run(_ race: Race, _ text: String = LeaseTests.text) async throws -> WorkflowRun {
        try await Services(backend: race.backend).runs.create(
            race.request(try Engine.source(text)), by: Race.principal)
    }

    /// As if that time had passed without a word.
    private static func expire(_ race: Race) async throws {
        try await race.backend.transaction { db in
            _ = try db.run(Update("actions_leases").set("lease_until", .now(plus: .seconds(-1))).where("1 = 1"))
            _ = try db.run(
                Update("actions_runner_heartbeats").set("last_seen", .now(plus: .seconds(-61))).where("1 = 1"))
        }
    }

    /// As if the delay of every retry had passed.
    private static func promote(_ race: Race) async throws {
        try await race.backend.transaction { db in
            _ = try db.run(
                Update("actions_delayed_jobs").set("not_before", .now(plus: .seconds(-1))).where("1 = 1"))
        }
        try await Services(backend: race.backend).queue.promote()
    }

    @Test(arguments: TestDatabase.allCases)
    func aLostClaimReturnsToTheQueueAndItsLateResultIsRefused(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let run = try await Self.run(race)
            let runner = try await race.runner("r", jobs: 1)
            var tokens: [JobToken] = []
            for loss in 0...Lease.retries {
                try await Self.promote(race)
                let other = loss == 0 ? runner : try await race.runner("r\(loss)", jobs: 1)
                let claimed = try #require(try await services.queue.claim(other, limit: 1, by: Race.principal).first)
                #expect(claimed.assignment.fencingToken == loss + 1)
                #expect(try await services.runners.reap(by: Race.principal).isEmpty, "the lease holds")
                tokens.append(claimed.assignment.token)
                try await Self.expire(race)
                #expect(try await services.runners.reap(by: Race.principal) == [claimed.execution.id])
                #expect(try await services.runners.reap(by: Race.principal).isEmpty)
                #expect(try await services.runners.get(other, by: Race.principal).status == .offline)
                for token in tokens {
                    let error = await #expect(throws: ServiceError.self) {
                        try await services.runners.complete(token, .success, by: Race.principal)
                    }
                    #expect(error?.code == .staleAssignment)
                    let report = await #expect(throws: ServiceError.self) {
                        try await services.runners.report(
                            [.summary(step: 1, content: "late")], with: token, by: Race.principal)
                    }
                    #expect(report?.code == .staleAssignment)
                }
            }
            // One loss more than it has retries: it is given up, as what may end its runners.
            let job = try #require(try await services.history.jobs(of: run.id).first)
            #expect(
                job.conclusion == .failure && job.statusReason == .runnerLost && job.failureClass == .infrastructure)
            #expect(job.lostClaims == Lease.retries && job.claims == Lease.retries + 1)
            #expect(try await RunService.load(run.id, race).conclusion == .failure)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunnerThatSpeaksKeepsItsJobs(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let run = try await Self.run(race)
            _ = try await Self.run(race)
            let runner = try await race.runner("r", jobs: 2)
            let claims = try await services.queue.claim(runner, limit: 2, by: Race.principal).map(\.assignment.token)
            #expect(claims.count == 2)
            try await Self.expire(race)
            let stale = JobToken(executionID: claims[1].executionID, fencingToken: claims[1].fencingToken + 1)
            let renewal = try await services.runners.renew(
                [runner], claims: [claims[0], stale], by: Race.principal)
            #expect(renewal.lost == [stale] && renewal.cancelled.isEmpty && renewal.stopped.isEmpty)
            // Only what it named: a process that forgot a job does not keep it.
            #expect(try await services.runners.reap(by: Race.principal) == [claims[1].executionID])
            #expect(try await services.runners.get(runner, by: Race.principal).status == .online)

            _ = try await services.runs.cancel(run.id, by: Race.principal)
            let second = try await services.runners.renew([runner], claims: claims, by: Race.principal)
            #expect(second.cancelled == [claims[0].executionID] && second.lost == [claims[1]])
            // Asked to stop and lost: it ends as cancelled, and does not run again.
            try await Self.expire(race)
            #expect(try await services.runners.reap(by: Race.principal) == [claims[0].executionID])
            #expect(try await RunService.load(run.id, race).conclusion == .cancelled)
        }
    }

    /// Nobody needs a server to see that a runner is silent, and that its jobs are lost.
    @Test(arguments: TestDatabase.allCases)
    func whoIsSilentIsSeen(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let run = try await Self.run(race)
            let runner = try await race.runner("r", jobs: 1)
            _ = try await services.queue.claim(runner, limit: 1, by: Race.principal)
            func state() async throws -> (Runner.Status, String?) {
                (
                    try await services.runners.get(runner, by: Race.principal).status,
                    try await services.queue.explain(run: run.id, by: Race.principal).first?.reason.code
                )
            }
            #expect(try await state() == (.online, "running"))
            try await Self.expire(race)
            try await race.backend.transaction { db in
                let long = Timestamp(microseconds: 1)
                _ = try db.run(Update("actions_runner_heartbeats").set("last_seen", long))
            }
            #expect(try await state() == (.offline, "lost"))
        }
    }

    /// A job that is given up goes to another runner at once, and only if the claim is the live one.
    @Test(arguments: TestDatabase.allCases)
    func aJobIsGivenBack(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            _ = try await Self.run(race)
            let runner = try await race.runner("r", jobs: 1)
            let first = try #require(try await services.queue.claim(runner, limit: 1, by: Race.principal).first)
            try await services.runners.giveBack(first.assignment.token, by: Race.principal)
            let error = await #expect(throws: ServiceError.self) {
                try await services.runners.complete(first.assignment.token, .success, by: Race.principal)
            }
            #expect(error?.code == .staleAssignment)
            let second = try #require(try await services.queue.claim(runner, limit: 1, by: Race.principal).first)
            #expect(second.assignment.fencingToken == first.assignment.fencingToken + 1)
            try await services.runners.giveBack(first.assignment.token, by: Race.principal)
            try await services.runners.complete(second.assignment.token, .success, by: Race.principal)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func drainingAndPausedRunnersTakeNothing(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let run = try await Self.run(race)
            let job = try #require(try await services.history.jobs(of: run.id).first)
            let runner = try await race.runner("r", jobs: 2)
            func obstacle() async throws -> RunnerMatch.Obstacle? {
                try await services.queue.candidates(for: job.id, by: Race.principal).first?.obstacle
            }
            #expect(try await services.runners.setDraining(runner, true, by: Race.principal).isDraining)
            #expect(try await services.queue.claim(runner, limit: 1, by: Race.principal).isEmpty)
            #expect(try await obstacle() == .draining)
            #expect(try await services.runners.renew([runner], claims: [], by: Race.principal).stopped == [runner])
            _ = try await services.runners.setDraining(runner, false, by: Race.principal)
            _ = try await services.runners.setPaused(runner, "disk full", by: Race.principal)
            #expect(try await services.queue.claim(runner, limit: 1, by: Race.principal).isEmpty)
            #expect(try await obstacle() == .paused("disk full"))
            _ = try await services.runners.setPaused(runner, nil, by: Race.principal)
            #expect(try await obstacle() == nil)
            #expect(try await services.queue.claim(runner, limit: 1, by: Race.principal).count == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func anEphemeralRunnerTakesOneJobAndStaleOnesGo(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            for _ in 0..<3 { _ = try await Self.run(race) }
            var registration = RunnerRegistration(
                name: "once", capabilities: RunnerCapabilities(maxParallelJobs: 2))
            registration.isEphemeral = true
            let runner = try await services.runners.register(registration, by: Race.principal).id
            _ = try await services.runners.updateStatus(runner, .online, by: Race.principal)
            let other = try await race.runner("often", jobs: 5)
            let claimed = try await services.queue.claim(runner, limit: 5, by: Race.principal)
            #expect(claimed.count == 1)
            #expect(try await services.queue.claim(runner, limit: 5, by: Race.principal).isEmpty)
            let renewal = try await services.runners.renew([runner], claims: [], by: Race.principal)
            #expect(renewal.ended == [runner] && renewal.removed.isEmpty)
            try await services.runners.complete(claimed[0].assignment.token, .success, by: Race.principal)
            try await race.backend.transaction { db in
                _ = try db.run(
                    Update("actions_runner_heartbeats").set("last_seen", .now(plus: .seconds(-2 * 86_400)))
                        .where("1 = 1"))
            }
            try await services.runners.reap(by: Race.principal)
            let left = try await services.runners.list(by: Race.principal).items.map(\.id)
            #expect(left == [other], "the other one has two weeks")
            let late = try await services.runners.renew([runner, other], claims: [], by: Race.principal)
            #expect(late.ended == [runner] && late.removed == [runner])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRegistrationTokenServesOnce(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let scope = RunnerScope.repository(race.repository.id)
            let token = try await services.runners.createRegistrationToken(scope: scope, by: Race.principal)
            let results = await withTaskGroup(of: Runner?.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        try? await Services(backend: race.backend).runners.register(
                            RunnerRegistration(name: "r\(index)"), token: token, by: Race.principal)
                    }
                }
                return await group.reduce(into: [Runner]()) { if let runner = $1 { $0.append(runner) } }
            }
            #expect(results.map(\.scope) == [scope])
            let old = try await services.runners.createRegistrationToken(lifetime: .milliseconds(1), by: Race.principal)
            try await race.backend.transaction { db in
                _ = try db.run(
                    Update("actions_registration_tokens").set("created_at", .now(plus: .seconds(-9)))
                        .set("expires_at", .now(plus: .seconds(-8))).where("used_at IS NULL"))
            }
            for text in [token, old, "plue_reg_x", ""] {
                let error = await #expect(throws: ServiceError.self) {
                    try await services.runners.register(
                        RunnerRegistration(name: "late"), token: text, by: Race.principal)
                }
                #expect(error?.code == .forbidden)
            }
            // Its text is nowhere.
            let found = try await race.numbers(
                "SELECT count(*) AS n FROM actions_registration_tokens WHERE sha256 = '\(token)'")
            #expect(found == [[0]])
        }
    }
}

extension RunService {
    fileprivate static func load(_ id: RunID, _ race: Race) async throws -> WorkflowRun {
        try await race.backend.read { db in try RunService.run(id, on: db) }
    }
}
