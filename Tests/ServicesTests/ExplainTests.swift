import Model
import QueryBuilder
import Storage
import TestSupport
import Testing

@testable import Services

/// Reasons, positions and estimates as they are read from databases; pauses.
@Suite struct ExplainTests {
    private static func jobs(_ text: String) -> String { "on: push\njobs:\n" + text }

    private static func run(
        _ services: Services, _ race: Race, _ text: String, repository: String? = nil,
        path: String = ".github/workflows/ci.yml"
    ) async throws -> WorkflowRun {
        var request = race.request(try Engine.source(text, path: path))
        if let repository {
            request.repository = try await services.workflows.repository(
                location: "/\(repository)", owner: "octo", name: repository, defaultBranch: "main", by: Race.principal)
        }
        return try await services.runs.create(request, by: Race.principal)
    }

    private static func reasons(_ services: Services, _ run: WorkflowRun) async throws -> [String: WaitReason] {
        let found = try await services.queue.explain(run: run.id, by: Race.principal)
        for each in found {
            let alone = try await services.queue.explain(each.job.id, by: Race.principal)
            #expect(alone.reason == each.reason && alone.position == each.position)
        }
        return Dictionary(uniqueKeysWithValues: found.map { ($0.job.name, $0.reason) })
    }

    @Test(arguments: TestDatabase.allCases)
    func everyHoldHasItsReason(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let run = try await Self.run(
                services, race,
                Self.jobs(
                    """
                      a: {runs-on: [self-hosted, gpu], steps: [{run: a}]}
                      b: {needs: a, runs-on: self-hosted, steps: [{run: b}]}
                      c: {runs-on: self-hosted, concurrency: G, steps: [{run: c}]}
                      d: {runs-on: self-hosted, concurrency: g, steps: [{run: d}]}
                      e: {runs-on: self-hosted, strategy: {max-parallel: 1, matrix: {n: [1, 2]}}, steps: [{run: e}]}
                    """))
            var found = try await Self.reasons(services, run)
            #expect(found["a"] == .noRunner && found["c"] == .noRunner)
            #expect(found["b"] == .needs([WaitReason.Need(name: "a", status: .queued, hold: nil)]))
            #expect(
                found["d"] == .concurrency(group: "g", holder: WaitReason.Holder(run: run.id, number: 1, job: "c")))
            #expect(found["e (2)"] == .maxParallel(running: 1, limit: 1))
            let runner = try await race.runner("r", jobs: 1)
            found = try await Self.reasons(services, run)
            let nearest = WaitReason.Nearest(runner: runner, name: "r", missing: ["gpu"])
            #expect(found["a"] == .noMatch(missing: ["gpu"], nearest: nearest))
            #expect(found["c"] == .next && found["e (1)"] == .ahead(1))
            let claimed = try await services.queue.claim(runner, limit: 1, by: Race.principal)
            #expect(claimed.map(\.execution.name) == ["c"])
            found = try await Self.reasons(services, run)
            #expect(found["c"] == .running(runner: "r", since: claimed[0].execution.startedAt))
            #expect(found["e (1)"] == .occupied(busy: 1, paused: 0, draining: 0, ahead: 0))
            _ = try await services.runners.updateStatus(runner, .offline, by: Race.principal)
            _ = try await services.runs.cancel(run.id, by: Race.principal)
            #expect(try await Self.reasons(services, run).keys.sorted() == ["c"], "it is told to stop")
            let ended = try #require(try await services.history.jobs(of: run.id).first { $0.name == "a" })
            #expect(try await services.queue.explain(ended.id, by: Race.principal).reason == .ended(.cancelled))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunWaitsForItsGroup(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let text = "on: push\nconcurrency: Deploy\njobs: {a: {runs-on: self-hosted, steps: [{run: a}]}}\n"
            let first = try await Self.run(services, race, text)
            let second = try await Self.run(services, race, text)
            _ = try await race.runner("r", jobs: 1)
            #expect(try await Self.reasons(services, first)["a"] == .next)
            let holder = WaitReason.Holder(run: first.id, number: 1, job: nil)
            #expect(try await Self.reasons(services, second)["a"] == .runConcurrency(group: "deploy", holder: holder))
        }
    }

    /// The place that is told is the place in which it is handed out, over several sets, repositories and priorities.
    @Test(arguments: TestDatabase.allCases)
    func positionsAreTheOrderOfClaims(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            var generator = SeededGenerator(seed: race.seed)
            var runs: [WorkflowRun] = []
            for _ in 0..<12 {
                let label = ["self-hosted", "[self-hosted, linux]", "[self-hosted, gpu]"].randomElement(
                    using: &generator)
                let legs = (0..<Int.random(in: 1...6, using: &generator)).map(String.init).joined(separator: ",")
                runs.append(
                    try await Self.run(
                        services, race,
                        Self.jobs(
                            "  a: {runs-on: \(label ?? ""), strategy: {matrix: {n: [\(legs)]}}, steps: [{run: a}]}\n"),
                        repository: ["cat", "dog"].randomElement(using: &generator)))
            }
            for run in runs where Int.random(in: 0..<3, using: &generator) == 0 {
                try await services.queue.prioritize(run.id, 1, by: Race.principal)
            }
            let runner = try await race.runner("r", jobs: 100)
            var expected: [ExecutionID: Int] = [:]
            for run in runs {
                for each in try await services.queue.explain(run: run.id, by: Race.principal) {
                    expected[each.job.id] = each.position
                    let needsGPU = each.labels.contains("gpu")
                    #expect((each.candidates.first?.obstacle != nil) == needsGPU)
                }
            }
            let listed = try await services.queue.list(by: Race.principal)
            #expect(listed.total == expected.count && listed.entries.count == listed.total)
            for entry in listed.entries where entry.labels.contains("gpu") {
                #expect(entry.position == expected[entry.execution], "nobody reads its set but for itself")
            }
            var place = 0
            while let message = try await services.queue.claim(runner, limit: 1, by: Race.principal).first {
                place += 1
                #expect(expected[message.execution.id] == place, "seed \(race.seed)")
            }
            #expect(place == listed.entries.count { !$0.labels.contains("gpu") })
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func estimatesComeFromTheHistory(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let text = Self.jobs(
                """
                  a: {runs-on: self-hosted, steps: [{run: a}]}
                  b: {needs: a, runs-on: self-hosted, steps: [{run: b}]}
                """)
            let runner = try await race.runner("r", jobs: 1)
            for _ in 0..<3 {
                _ = try await Self.run(services, race, text)
                for _ in 0..<2 {
                    let message = try #require(
                        try await services.queue.claim(runner, limit: 1, by: Race.principal).first)
                    try await services.runners.complete(message.assignment.token, .success, by: Race.principal)
                }
            }
            // They took 60, 120 and 600 seconds.
            try await race.backend.transaction { db in
                for (run, seconds) in [(1, 60), (2, 120), (3, 600)] as [(Int64, Int64)] {
                    _ = try db.run(
                        Update("actions_job_executions").set("completed_at", .now(plus: .seconds(seconds)))
                            .set("started_at", .now).set("queued_at", .sql("created_at"))
                            .where("workflow_run_id = \(run)"))
                }
            }
            let first = try await Self.run(services, race, text)
            let second = try await Self.run(services, race, text)
            let now = try #require(try await services.queue.explain(run: first.id, by: Race.principal).first)
            #expect(now.reason == .next && now.position == 1 && now.estimatedStart == now.asOf)
            let minute: Int64 = 60_000_000
            func minutes(_ moment: Timestamp?, _ found: JobExplanation) -> Int64? {
                moment.map { ($0.microseconds - found.asOf.microseconds + minute / 2) / minute }
            }
            #expect(minutes(now.estimatedEnd, now) == 2)
            let behind = try await services.queue.explain(run: second.id, by: Race.principal)
            #expect(behind[0].reason == .ahead(1) && behind[0].position == 2)
            #expect(
                minutes(behind[0].estimatedStart, behind[0]) == 2 && minutes(behind[0].estimatedEnd, behind[0]) == 4)
            #expect(
                minutes(behind[1].estimatedStart, behind[1]) == 4 && minutes(behind[1].estimatedEnd, behind[1]) == 6)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aPausedQueueHandsOutNothing(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let text = Self.jobs("  a: {runs-on: self-hosted, steps: [{run: a}]}\n")
            let cat = try await Self.run(services, race, text)
            let dog = try await Self.run(services, race, text, repository: "dog")
            let runner = try await race.runner("r", jobs: 9)
            let queue = services.queue
            func claimed() async throws -> [String] {
                try await queue.claim(runner, limit: 9, by: Race.principal).map(\.repository.name)
            }
            let first = try await queue.pause(nil, reason: "upgrade", by: Race.principal)
            #expect(first.replaced == nil)
            let (all, replaced) = try await queue.pause(nil, reason: "long upgrade", by: Principal(.user, "hubot"))
            #expect(replaced == first.pause)
            #expect(all.reason == "long upgrade" && all.actor == "hubot")
            #expect(try await queue.pauses(by: Race.principal) == [all])
            #expect(try await claimed().isEmpty)
            let found = try #require(try await queue.explain(run: cat.id, by: Race.principal).first)
            #expect(found.reason == .paused(all) && found.position == nil && found.estimatedStart == nil)
            let refused = await #expect(throws: ServiceError.self) {
                try await queue.update(found.job.id, to: .inProgress, runner: runner, by: Race.principal)
            }
            #expect(refused?.code == .conflict && refused?.message.contains("long upgrade") == true)
            let own = try await queue.pause(cat.repositoryID, reason: "flaky", by: Race.principal).pause
            #expect(try await queue.resume(nil, by: Race.principal))
            #expect(try await !queue.resume(nil, by: Race.principal))
            #expect(try await queue.explain(run: cat.id, by: Race.principal).first?.reason == .paused(own))
            #expect(try await queue.explain(run: dog.id, by: Race.principal).first?.position == 1)
            #expect(try await queue.list(by: Race.principal).entries.map(\.position) == [nil, 1])
            #expect(try await claimed() == ["dog"])
            #expect(try await queue.resume(cat.repositoryID, by: Race.principal))
            #expect(try await claimed() == ["cat"])
            var filter = AuditService.Filter()
            filter.objectKind = "queue"
            let audit = try await services.audit.list(filter, by: Race.principal).items.map(\.action)
            #expect(audit.reversed() == ["queue.pause", "queue.pause", "queue.pause", "queue.resume", "queue.resume"])
            let unknown = await #expect(throws: ServiceError.self) {
                try await queue.pause(ID(99), reason: "x", by: Race.principal)
            }
            #expect(unknown?.code == .notFound)
        }
    }

    /// Of several pauses and resumes at once one order comes out.
    @Test(arguments: TestDatabase.allCases)
    func pausesAtTheSameTime(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let repository = race.repository.id
            try await race.together(6) { index, _, services in
                for round in 0..<10 {
                    _ = try await services.queue.pause(
                        index % 2 == 0 ? nil : repository, reason: "\(index) \(round)", by: Race.principal)
                    if round % 3 == 2 {
                        try await services.queue.resume(index % 2 == 0 ? nil : repository, by: Race.principal)
                    }
                }
                _ = try await services.queue.pause(
                    index % 2 == 0 ? nil : repository, reason: "last", by: Race.principal)
            }
            let left = try await Services(backend: race.backend).queue.pauses(by: Race.principal)
            #expect(left.count <= 2 && Set(left.map(\.repositoryID)).count == left.count)
        }
    }

    /// A local run goes on while the queue is paused, and says whose it is.
    @Test(arguments: TestDatabase.allCases)
    func localRuns(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                "  a: {runs-on: x, steps: [{run: a}]}\n  b: {runs-on: x, steps: [{run: b}]}")
            _ = try await engine.services.queue.pause(nil, reason: "x", by: Engine.principal)
            let found = try await engine.services.queue.explain(run: run.id, by: Engine.principal)
            #expect(found.map(\.reason) == [.bound(runner: "one", ahead: 0), .bound(runner: "one", ahead: 1)])
            #expect(found.map(\.position) == [1, 2] && found[1].estimatedStart == found[1].asOf)
            #expect(try await engine.services.queue.list(by: Engine.principal).entries.allSatisfy(\.isBound))
            #expect(try await engine.finish() == ["a", "b"])
            #expect(try await engine.services.queue.explain(run: run.id, by: Engine.principal).isEmpty)
        }
    }
}
