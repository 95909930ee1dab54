import Model
import QueryBuilder
import Storage
import TestSupport
import Testing

@testable import Services

/// Daily sums: by hand, against the base tables, and with several processes at once.
@Suite struct StatisticsTests {
    private static func read(
        _ services: Services, _ change: (inout StatisticsService.Filter) -> Void = { _ in }
    ) async throws -> Statistics {
        var filter = StatisticsService.Filter()
        filter.runners = 100
        change(&filter)
        return try await services.statistics.read(filter, by: Race.principal)
    }

    /// Nothing was lost or counted twice.
    private static func compare(_ services: Services, _ comment: String) async throws {
        try await services.statistics.rollUp()
        #expect(try await services.statistics.rollUp() == 0)
        let wrong = try await StatisticsOracle(services.backend).differences(from: read(services))
        #expect(wrong.isEmpty, "\(comment): \(wrong.joined(separator: "\n"))")
    }

    @Test func bucketsOfTimes() {
        var last: Int64 = -1
        for value in Array(0...5_000) as [Int64] + (13..<62).flatMap({ [(1 << $0) - 1, 1 << $0, (1 << $0) + 1] }) {
            let bucket = TimeHistogram.bucket(of: value)
            #expect(bucket == last || bucket == last + 1 || value > 5_000 && bucket > last)
            last = bucket
            let middle = TimeHistogram.middle(of: bucket)
            #expect(abs(middle - value) * 16 <= value, "\(value) is told as \(middle)")
            #expect(TimeHistogram.bucket(of: middle) == bucket)
        }
        #expect(TimeHistogram.bucket(of: -5) == 0)
        #expect(TimeHistogram.middle(of: TimeHistogram.bucket(of: .max)) > .max / 16 * 15)
        var histogram = TimeHistogram()
        #expect(histogram.percentile(0.5) == nil)
        for value in 1...10 as ClosedRange<Int64> { histogram.add(microseconds: value) }
        #expect([0, 0.1, 0.5, 0.9, 0.91, 1].map { histogram.percentile($0) } == [1, 1, 5, 9, 10, 10])
    }

    /// Two attempts, on two days.
    @Test(arguments: TestDatabase.allCases)
    func byHand(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  a: {runs-on: x, strategy: {matrix: {n: [1, 2]}}, steps: [{run: a}]}
                  b: {runs-on: x, steps: [{run: b}]}
                  c: {runs-on: x, needs: b, steps: [{run: c}]}
                  d: {runs-on: x, if: false, steps: [{run: d}]}
                """)
            try await engine.finish(["b": .failure])
            let services = engine.services
            #expect(try await Self.read(services).entries.isEmpty, "nothing is counted by itself")
            let first = try #require(Timestamp(iso8601: "2026-11-01T23:00:00Z"))
            @Sendable func at(_ seconds: Int64) -> Timestamp { first.advanced(by: .seconds(seconds)) }
            /// Made at 0, queued at 10, started after the wait, ended after the time.
            func set(_ name: String, attempt: Int64, wait: Int64, took: Int64) async throws {
                let ids = try await services.history.jobs(of: run.id, attempt: attempt).filter { $0.name == name }
                    .map(\.id.rawValue)
                try await services.backend.transaction { db in
                    let start = at((attempt - 1) * 86_400 + 10 + wait)
                    _ = try db.run([
                        Update("actions_job_executions").set("created_at", at((attempt - 1) * 86_400))
                            .set("queued_at", at((attempt - 1) * 86_400 + 10))
                            .set("started_at", start).set("completed_at", start.advanced(by: .seconds(took)))
                            .where("id IN \(ids)"),
                        Update("actions_job_assignments").set("claimed_at", start).set("acknowledged_at", start)
                            .set("finished_at", start.advanced(by: .seconds(took))).where("execution_id IN \(ids)"),
                    ])
                }
            }
            func setRun(attempt: Int64, took: Int64) async throws {
                let start = at((attempt - 1) * 86_400)
                try await services.backend.transaction { db in
                    _ = try db.run(
                        Update("actions_run_attempts").set("created_at", start)
                            .set("run_started_at", start.advanced(by: .seconds(12)))
                            .set("completed_at", start.advanced(by: .seconds(12 + took)))
                            .where("run_id = \(run.id) AND attempt = \(attempt)"))
                }
            }
            try await engine.rerun(run, .failed)
            try await engine.finish()
            try await set("a (1)", attempt: 1, wait: 2, took: 30)
            try await set("a (2)", attempt: 1, wait: 4, took: 61)
            try await set("b", attempt: 1, wait: 8, took: 60)
            try await set("b", attempt: 2, wait: 16, took: 120)
            try await set("c", attempt: 2, wait: 0, took: 1)
            for (name, attempt) in [("c", 1), ("d", 1)] as [(String, Int64)] {
                // Skipped: they never started.
                let job = try await services.history.jobs(of: run.id, attempt: attempt).first { $0.name == name }
                #expect(job?.conclusion == .skipped && job?.startedAt == nil)
                let id = try #require(job?.id)
                try await services.backend.transaction { db in
                    _ = try db.run(
                        Update("actions_job_executions").set("created_at", at(0)).set("completed_at", at(0))
                            .where("id = \(id)"))
                }
            }
            try await setRun(attempt: 1, took: 100)
            try await setRun(attempt: 2, took: 200)
            #expect(try await services.statistics.rollUp() == 2)
            #expect(try await services.statistics.rollUp() == 0)

            let all = try await Self.read(services)
            #expect(all.entries.map { $0.job ?? "" } == ["", "a", "b", "c", "d"])
            let counts = all.entries.map(\.counts)
            #expect(counts.map(\.succeeded) == [1, 2, 1, 1, 0])
            #expect(counts.map(\.failed) == [1, 0, 1, 0, 0])
            #expect(counts.map(\.skipped) == [0, 0, 0, 1, 1])
            #expect(counts.map(\.flaky) == [0, 0, 1, 0, 0])
            #expect(counts.map(\.repeated) == [1, 0, 1, 1, 0])
            #expect(counts.map(\.executed) == [2, 2, 2, 1, 0])
            // 30 s and 61 s are 1 and 2 minutes, 60 s and 120 s are 1 and 2, 1 s is one.
            #expect(counts.map(\.minutes) == [7, 3, 3, 1, 0])
            #expect(counts.map { $0.runMicroseconds / 1_000_000 } == [300, 91, 180, 1, 0])
            #expect(counts.map { $0.queueMicroseconds / 1_000_000 } == [24, 6, 24, 0, 0])
            #expect(counts[0].successRate == 0.5 && counts[1].successRate == 1 && counts[4].successRate == nil)
            let median = try #require(all.entries[1].runTimes.percentile(0.5))
            #expect(abs(median - 30_000_000) < 2_000_000)
            #expect(all.runners.map { [$0.claims, $0.busyMicroseconds / 1_000_000] } == [[5, 272]])

            // The second attempt ended on the next day.
            let late = try await Self.read(services) { $0.since = at(86_400) }
            #expect(late.entries.map { $0.job ?? "" } == ["", "b", "c"])
            #expect(late.entries.map(\.counts.minutes) == [3, 2, 1])
            #expect(try await Self.read(services) { $0.since = at(2 * 86_400) }.entries.isEmpty)
            let unknown = await #expect(throws: ServiceError.self) {
                try await Self.read(services) { $0.filename = "other.yml" }
            }
            #expect(unknown?.code == .notFound)
            #expect(
                unknown?.message.contains("there is .github/workflows/ci.yml") == true, "\(String(describing: unknown))"
            )
            #expect(try await Self.read(services) { $0.filename = "ci.yml" }.entries.count > 1)
            #expect(try await Self.read(services) { $0.repository = ID(99) }.entries.isEmpty)
            let own = try await Self.read(services) {
                $0.filename = ".github/workflows/ci.yml"
                $0.repository = engine.repository.id
            }
            #expect(own.entries.count == 5 && own.runners.isEmpty)
            // Sums of a repository go with it.
            try await services.repositories.delete(engine.repository.id, by: Engine.principal)
            for table in ["jobs", "times", "steps", "runners"] {
                #expect(try await engine.rows("SELECT day FROM actions_daily_\(table)").isEmpty)
            }
        }
    }

    /// Each report of both ways: with the end of the job, and before it.
    @Test(arguments: TestDatabase.allCases, [false, true])
    func stepsAndWhatTheyUsed(_ database: TestDatabase, _ isWithTheEnd: Bool) async throws {
        try await Engine.with(database) { engine in
            let (services, principal) = (engine.services, Engine.principal)
            let run = try await engine.create("  a: {runs-on: x, steps: [{run: a}, {run: b}]}")
            func work(_ outcomes: [StepConclusion], cpu: Int64, peak: Int64?) async throws {
                let message = try #require(try await engine.claim(1).first)
                var reports: [JobReport] = []
                for (index, outcome) in outcomes.enumerated() {
                    let number = Int64(index + 1)
                    let use = ResourceUse(cpuMicroseconds: cpu, peakMemoryBytes: peak.map { $0 * number })
                    let result = StepResult(
                        number: number, name: "step \(number)", outcome: outcome, conclusion: outcome, exitCode: nil,
                        milliseconds: 2, use: outcome == .skipped ? nil : use)
                    reports += [
                        .stepStarted(number: number, name: "x", contextName: "s\(number)", action: nil, at: 1_000),
                        .stepFinished(result, logFirstLine: nil, logLineCount: 0, at: 3_000),
                    ]
                }
                if !isWithTheEnd { try await services.runners.report(reports, of: message.assignment, by: principal) }
                let conclusion: JobConclusion = outcomes.contains(.failure) ? .failure : .success
                var completion = try Completion(message.assignment.token, conclusion)
                if isWithTheEnd { completion.reports = (message.assignment, reports) }
                try await services.runners.complete(completion, by: principal)
            }
            try await work([.success, .failure], cpu: 1_000, peak: nil)
            try await engine.rerun(run, .failed)
            try await work([.success, .success], cpu: 500, peak: 4_096)
            try await engine.rerun(run, .job("a"))
            try await work([.skipped, .success], cpu: 1, peak: 2_048)
            try await services.statistics.rollUp()
            let entry = try #require(try await Self.read(services).entries.first { $0.job == "a" })
            #expect(entry.steps.map(\.step) == ["s1", "s2"] && entry.steps.map(\.name) == ["step 1", "step 2"])
            let counts = entry.steps.map(\.counts)
            #expect(counts.map(\.executed) == [2, 3] && counts.map(\.failed) == [0, 1])
            #expect(counts.map(\.flaky) == [0, 1] && counts.map(\.runMicroseconds) == [4_000, 6_000])
            #expect(counts.map(\.cpuMicroseconds) == [1_500, 1_501])
            #expect(counts.map(\.peakMemoryBytes) == [4_096, 8_192])
            #expect(entry.use.cpuMicroseconds == 3_001 && entry.use.peakMemoryBytes == 8_192)
            let job = try await engine.job("a", of: run)
            let steps = try await services.history.steps(of: job.id)
            #expect(steps.map(\.use?.peakMemoryBytes) == [nil, 4_096])
        }
    }

    /// Random graphs, results, cancels and re-runs; counted in chunks of any size in between.
    @Test(arguments: TestDatabase.allCases)
    func chunksAreTheWhole(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let seed = UInt64.random(in: 0...UInt64(UInt32.max))
            var generator = SeededGenerator(seed: seed)
            var runs: [WorkflowRun] = []
            for _ in 0..<60 {
                switch Int.random(in: 0..<8, using: &generator) {
                case 0...1:
                    let workflow = RandomWorkflow(using: &generator)
                    runs.append(try await engine.create(workflow.text, called: ["c.yml": RandomWorkflow.callee]))
                case 2:
                    if let run = runs.randomElement(using: &generator), generator.once(in: 3) {
                        _ = try? await engine.services.runs.cancel(run.id, by: Engine.principal)
                    }
                case 3:
                    guard let run = runs.randomElement(using: &generator) else { continue }
                    let scope: RerunScope = generator.once(in: 2) ? .failed : .all
                    _ = try? await engine.services.runs.rerun(
                        run.id, scope, runner: engine.runner.id, actor: "hubot", by: Engine.principal)
                case 4:
                    let limit = Int.random(in: 1...3, using: &generator)
                    _ = try await engine.services.statistics.rollUp(atMost: limit)
                default:
                    for message in try await engine.claim(Int.random(in: 1...6, using: &generator)) {
                        try await engine.complete(
                            message, generator.once(in: 3) ? .failure : generator.once(in: 9) ? .cancelled : .success)
                    }
                }
            }
            try await Self.compare(engine.services, "seed \(seed)")
            try await engine.finish()
            try await Self.compare(engine.services, "seed \(seed), at the end")
        }
    }

    /// Servers that count while others end runs and repeat them.
    @Test(arguments: TestDatabase.allCases)
    func severalProcessesCountOnce(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let text = """
                on: push
                jobs:
                  a: {runs-on: self-hosted, strategy: {fail-fast: false, matrix: {n: [1, 2, 3]}}, steps: [{run: a}]}
                  b: {runs-on: self-hosted, needs: a, if: always(), steps: [{run: b}]}

                """
            let source = try Engine.source(text)
            try await race.together(6) { index, generator, services in
                guard index < 3 else {
                    for _ in 0..<25 {
                        _ = try await services.statistics.rollUp(atMost: Int.random(in: 1...4, using: &generator))
                    }
                    return
                }
                let runner = try await race.runner("r\(index)", jobs: 4)
                for _ in 0..<6 {
                    let run = try await services.runs.create(race.request(source), by: Race.principal)
                    for _ in 0..<8 {
                        for message in try await services.queue.claim(runner, limit: 2, by: Race.principal) {
                            try await services.runners.complete(
                                message.assignment.token, generator.once(in: 3) ? .failure : .success,
                                by: Race.principal)
                        }
                    }
                    _ = try? await services.runs.rerun(
                        run.id, .failed, runner: nil, actor: "hubot", by: Race.principal)
                }
            }
            try await Self.compare(Services(backend: race.backend), "seed \(race.seed)")
        }
    }
}
