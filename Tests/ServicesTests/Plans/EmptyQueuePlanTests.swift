import BenchmarkHarness
import Model
import Storage
import TestDatabases
import Testing

@testable import Services

/// PostgreSQL keeps the plans of the queue's statements, and the queue is empty most of the time: what was planned then
/// must not read all of it when it is full.
@Suite struct EmptyQueuePlanTests {
    private static let jobs = 6000
    /// The most rows that a claim and an end may look at: of the queue some dozens, in several steps.
    private static let bound = 700

    enum Statistics: CaseIterable {
        /// Of the time when it was empty.
        case empty
        /// Of a full queue, and none of the small tables beside it: these change too little to be analysed.
        case full
        /// Of everything, as it is after a minute of it.
        case complete
    }

    @Test(.enabled(if: TestServer.isExpected), arguments: Statistics.allCases)
    func claimsReadLittleOfTheQueue(_ statistics: Statistics) async throws {
        let target = BenchmarkTarget.postgres(try TestServer.string())
        let database = try await target.database("lookups_\(statistics)")
        do {
            try await measure(
                database, try await Services.open(database.backend, migrations: target.migrations), statistics)
        } catch {
            try await database.remove()
            throw error
        }
        try await database.remove()
    }

    private func measure(
        _ database: BenchmarkDatabase, _ services: Services, _ statistics: Statistics
    ) async throws {
        let repository = try await services.workflows.repository(
            location: "/r", owner: "octo", name: "cat", defaultBranch: "main", by: Race.principal)
        let race = Race(backend: database.backend, repository: repository, seed: 0)
        let runner = try await race.runner("r", jobs: 1_000)
        _ = try await services.runs.create(race.request(try Self.source(legs: 200)), by: Race.principal)
        for job in try await services.queue.claim(runner, limit: 200, by: Race.principal) {
            try await services.runners.complete(Completion(job.assignment.token, .success), by: Race.principal)
        }
        try await database.backend.withConnection { db in
            guard statistics == .empty else { return }
            // As after an hour without jobs: the pages are there, and no row.
            for table in ["actions_job_queue", "actions_leases", "actions_live_runs"] {
                _ = try db.execute(Statement(sql: "VACUUM (ANALYZE, TRUNCATE off) \(table)"))
            }
        }
        for _ in 0..<Self.jobs / 250 {
            _ = try await services.runs.create(race.request(try Self.source(legs: 250)), by: Race.principal)
        }
        if statistics != .empty {
            try await database.backend.withConnection { db in
                _ = try db.execute(Statement(sql: statistics == .full ? "ANALYZE actions_job_queue" : "ANALYZE"))
            }
        }
        let cost = try await CostMeter(database).cost { services in
            let job = try #require(try await services.queue.claim(runner, limit: 1, by: Race.principal).first)
            try await services.runners.complete(Completion(job.assignment.token, .success), by: Race.principal)
        }
        #expect(cost.statements > 0 && cost.rows <= Self.bound, "\(cost.rows) rows")
    }

    private static func source(legs: Int) throws -> WorkflowSource {
        let list = (0..<legs).map(String.init).joined(separator: ",")
        return try Engine.source(
            "on: push\njobs:\n  a: {runs-on: self-hosted, strategy: {matrix: {n: [\(list)]}, fail-fast: false}, steps: [{run: a}]}\n"
        )
    }
}
