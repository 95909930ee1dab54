import Model
import QueryBuilder
import Storage
import Testing

@testable import Services

/// Jobs whose retry is delayed.
@Suite struct DelayTests {
    private static let text = "on: push\njobs: {a: {runs-on: self-hosted, steps: [{run: a}]}}\n"

    private static func expire(_ race: Race) async throws {
        try await race.backend.transaction { db in
            _ = try db.run(Update("actions_leases").set("lease_until", .now(plus: .seconds(-1))).where("1 = 1"))
        }
    }

    /// As if that many seconds had passed.
    private static func pass(_ seconds: Int, _ race: Race) async throws {
        try await race.backend.transaction { db in
            let due = try db.run(Select("execution_id", "not_before").from("actions_delayed_jobs"))
            for row in due {
                let moment = Timestamp(
                    microseconds: (try row["not_before"] as Timestamp).microseconds - Int64(seconds) * 1_000_000)
                try db.run(
                    Update("actions_delayed_jobs").set("not_before", moment)
                        .where("execution_id = \(try row["execution_id"] as Int64)"))
            }
        }
    }

    /// A job that was lost so often.
    private static func lost(_ times: Int, _ race: Race) async throws -> (WorkflowRun, RunnerID) {
        let services = Services(backend: race.backend)
        let run = try await services.runs.create(race.request(try Engine.source(text)), by: Race.principal)
        let runner = try await race.runner("r", jobs: 9)
        for _ in 0..<times {
            let claimed = try await services.queue.claim(runner, limit: 1, by: Race.principal)
            try #require(claimed.count == 1)
            try await expire(race)
            #expect(try await services.runners.reap(by: Race.principal).count == 1)
        }
        return (run, runner)
    }

    @Test func retriesWaitLongerAndLonger() {
        let jobs = (1...1_000).map { ExecutionID($0) }
        #expect(jobs.allSatisfy { RetryDelay.after(0, of: $0) == .zero })
        for (lost, base) in [(1, 10.0), (2, 60.0), (3, 60.0)] {
            let delays = jobs.map { RetryDelay.after(Int64(lost), of: $0) / .seconds(1) }
            #expect(delays.allSatisfy { $0 >= base && $0 <= base * 1.1 })
            #expect(Set(delays).count > 300, "they are spread")
        }
        #expect(RetryDelay.after(1, of: ID(5)) == RetryDelay.after(1, of: ID(5)))
    }

    @Test(arguments: TestDatabase.allCases)
    func aDelayedJobIsNotClaimedBefore(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let (run, runner) = try await Self.lost(2, race)
            let job = try #require(try await services.history.jobs(of: run.id).first)
            #expect(job.status == .queued && job.lostClaims == 2)
            #expect(try await services.queue.claim(runner, limit: 1, by: Race.principal).isEmpty)
            #expect(try await services.queue.promote().isEmpty)
            let listed = try await services.queue.list(by: Race.principal)
            #expect(listed.total == 1 && listed.entries.first?.delayedUntil != nil)
            #expect(listed.entries.first?.execution == job.id && listed.entries.first?.position == nil)
            let explained = try await services.queue.explain(job.id, by: Race.principal)
            guard case .delayed(let moment) = explained.reason else {
                Issue.record("\(explained.reason)")
                return
            }
            let wait = moment.duration(since: explained.asOf) / .seconds(1)
            #expect(wait > 5 && wait <= 11 && explained.estimatedStart.map { $0 >= moment } != false)
            let taken = await #expect(throws: ServiceError.self) {
                try await services.queue.update(job.id, to: .inProgress, runner: runner, by: Race.principal)
            }
            #expect(taken?.code == .conflict && taken?.message.contains("delayed") == true)
            try await Self.pass(12, race)
            #expect(try await services.queue.promote() == [job.id])
            #expect(try await services.queue.promote().isEmpty)
            let claimed = try await services.queue.claim(runner, limit: 1, by: Race.principal)
            #expect(claimed.map(\.assignment.fencingToken) == [3])
        }
    }

    /// Whoever ends it meanwhile takes it out of wherever it stands.
    @Test(arguments: TestDatabase.allCases)
    func aDelayedJobIsCancelledWhileItIsPromoted(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            for _ in 0..<Race.scale(8, full: 200) {
                let (run, runner) = try await Self.lost(2, race)
                try await Self.pass(12, race)
                try await race.together(3) { index, _, services in
                    if index == 0 {
                        _ = try await services.runs.cancel(run.id, by: Race.principal)
                    } else {
                        _ = try await services.queue.promote()
                    }
                }
                let services = Services(backend: race.backend)
                #expect(try await services.history.run(run.id)?.run.conclusion == .cancelled)
                #expect(try await services.queue.claim(runner, limit: 9, by: Race.principal).isEmpty)
                let left = try await race.numbers(
                    "SELECT (SELECT count(*) FROM actions_job_queue) AS q, (SELECT count(*) FROM actions_delayed_jobs) AS d"
                )
                #expect(left == [[0, 0]])
                try await services.runners.unregisterKnown(runner, by: Race.principal)
            }
        }
    }
}
