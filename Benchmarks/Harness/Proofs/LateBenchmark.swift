internal import Model
internal import QueryBuilder
internal import Services
internal import Storage

/// `plue bench queue --part late`: runners that are silent for two leases and then go on: each late result is refused, and
/// each job runs once more. Time does not pass; the ends of the leases are moved.
package struct LateBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let claims: Int

    package init(_ target: BenchmarkTarget, claims: Int = 50) {
        self.target = target
        self.claims = claims
    }

    private static let principal = Principal(.runner, "bench")

    package func run(_ tell: (BenchmarkLine) -> Void) async throws {
        try await target.with("late") { database in
            let services = try await Services.open(database.backend, migrations: target.migrations)
            let request = try await QueueWork.request(
                "late", QueueWork.file(jobs: claims), repository: "bench", services)
            _ = try await services.runs.create(request, by: .system)
            let silent = try await QueueWork.register(claims, jobs: 1, prefix: "silent", services)
            var lost: [JobMessage] = []
            for runner in silent {
                lost += try await services.queue.claim(runner, limit: 1, by: Self.principal)
            }
            guard lost.count == claims else { throw BenchmarkError("\(lost.count) of \(claims) jobs were claimed") }
            try await Self.passTwoLeases(services)
            let reaped = try await services.runners.reap(limit: claims, by: .system)
            let others = try await QueueWork.register(claims, jobs: 1, prefix: "other", services)
            // A third comes while the job waits, a third while another runner has it, a third after it ended.
            var refused = 0
            var results = lost[...]
            func send(_ count: Int) async throws {
                for message in results.prefix(count) { refused += try await Self.isRefused(message, services) ? 1 : 0 }
                results = results.dropFirst(count)
            }
            try await send(claims / 3)
            var again: [JobMessage] = []
            for runner in others { again += try await services.queue.claim(runner, limit: 1, by: Self.principal) }
            try await send(claims / 3)
            for message in again { try await QueueWork.finish(message, services) }
            try await send(claims)
            try await judge(services, refused, reaped.count, again.count, tell)
        }
    }

    private func judge(
        _ services: Services, _ refused: Int, _ reaped: Int, _ again: Int, _ tell: (BenchmarkLine) -> Void
    ) async throws {
        let once = try await services.backend.read { db in
            try db.execute(
                Statement(
                    sql: """
                        SELECT count(*) AS n FROM actions_job_executions AS e
                        WHERE e.conclusion = 'success' AND e.claims = 2 AND e.lost_claims = 1 AND
                        (SELECT count(*) FROM actions_job_assignments AS a WHERE a.execution_id = e.id) = 2
                        """)
            ).first?["n"] ?? 0 as Int
        }
        let rules = try await services.doctor.check().count
        let all = Double(claims)
        for (name, count) in [
            ("late results that were refused", refused), ("lost claims that were taken back", reaped),
            ("jobs that were claimed once more", again), ("jobs that ended once, by their second runner", once),
        ] {
            tell(
                BenchmarkLine(
                    queue: target.name, "\(claims) runners silent for two leases: \(name)", "of \(claims)",
                    Double(count), goal: .atLeast(all)))
        }
        let faults = LoadFaults(lost: claims - once, doubled: claims - refused, brokenRules: rules)
        for line in BenchmarkLine.faults(faults, target.name, "late results") { tell(line) }
    }

    /// Any answer but the refusal of a stale claim ends the benchmark.
    private static func isRefused(_ message: JobMessage, _ services: Services) async throws -> Bool {
        do {
            try await QueueWork.finish(message, services)
            return false
        } catch let error as ServiceError where error.code == .staleAssignment {
            return true
        }
    }

    private static func passTwoLeases(_ services: Services) async throws {
        try await services.backend.transaction { db in
            // A lease ran out one lease ago.
            let past = Duration.zero - Lease.duration
            _ = try db.run(Update("actions_leases").set("lease_until", .now(plus: past)).where("1 = 1"))
            _ = try db.run(Update("actions_runner_heartbeats").set("last_seen", .now(plus: past * 2)).where("1 = 1"))
        }
    }
}
