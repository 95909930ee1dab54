import BenchmarkHarness
import Model

@testable import Services

/// A call of the services whose cost must not grow with the tables.
struct HotQuery: Sendable {
    let name: String
    /// The most rows that PostgreSQL may look at.
    let rows: Int
    let run: @Sendable (Services, PlanFixture) async throws -> Void

    init(
        _ name: String, rows: Int, _ run: @escaping @Sendable (Services, PlanFixture) async throws -> Void
    ) {
        self.name = name
        self.rows = rows
        self.run = run
    }

    /// In an order in which what PostgreSQL keeps disturbs nothing after it.
    static let all = runs + jobs + logs + writes

    private static func list(
        _ name: String, rows: Int = 250, limit: Int = 50,
        _ narrow: @escaping @Sendable (inout HistoryService.Filter, PlanFixture) -> Void
    ) -> HotQuery {
        HotQuery(name, rows: rows) { services, fixture in
            var filter = HistoryService.Filter()
            narrow(&filter, fixture)
            _ = try await services.history.runs(filter, limit: limit)
        }
    }

    private static let runs = [
        list("runs: newest 50 of all") { _, _ in },
        list("runs: newest 50 of a repository") { filter, _ in filter.repository = ID(7) },
        list("runs: the next 50 of a repository") { filter, fixture in
            filter.repository = ID(7)
            filter.before = ID(Int64(fixture.data.runs / 2))
        },
        list("runs: newest 50 of a workflow file", rows: 350) { filter, _ in
            filter.repository = ID(7)
            filter.filename = ".github/workflows/w1.yml"
        },
        list("runs: newest 50 of a repository that failed") { filter, _ in
            filter.repository = ID(7)
            filter.status = "failure"
        },
        list("runs: those of a repository in progress", rows: 1100) { filter, _ in
            filter.repository = ID(7)
            filter.status = "in_progress"
        },
        list("runs: newest 50 of a branch") { filter, _ in
            filter.repository = ID(7)
            filter.branch = "topic"
        },
        list("runs: of a workflow") { filter, _ in filter.workflow = ID(20) },
        list("runs: of a commit") { filter, _ in
            filter.repository = ID(42)
            filter.headSHA = String(repeating: "0", count: 38) + "42"
        },
        HotQuery("run: one", rows: 150) { services, fixture in
            _ = try await services.history.run(ID(fixture.data.wideRun))
        },
        HotQuery("runs: which of 100 are open", rows: 1100) { services, fixture in
            let last = Int64(fixture.data.runs)
            _ = try await services.runs.open(among: Set((0..<100).map { ID(last - $0) }))
        },
        HotQuery("repository: by its place", rows: 200) { services, _ in
            _ = try await services.history.repository(location: "/r/42")
        },
    ]

    private static let jobs = [
        HotQuery("jobs: 256 of an attempt", rows: 4000) { services, fixture in
            _ = try await services.history.jobs(of: ID(fixture.data.wideRun))
        },
        HotQuery("transitions: of a run after a sequence", rows: 30) { services, _ in
            _ = try await services.history.transitions(of: ID(7), after: 5, by: PlanFixture.principal)
        },
        HotQuery("audit: newest 50 of a repository", rows: 160) { services, _ in
            var filter = AuditService.Filter()
            filter.repository = ID(7)
            _ = try await services.audit.list(filter, by: PlanFixture.principal)
        },
        HotQuery("audit: of a run", rows: 20) { services, _ in
            var filter = AuditService.Filter()
            filter.objectKind = "run"
            filter.objectID = "77"
            _ = try await services.audit.list(filter, by: PlanFixture.principal)
        },
        HotQuery("secrets: of a repository", rows: 300) { services, _ in
            _ = try await services.secrets?.list(of: .repository(ID(7)), by: PlanFixture.principal)
        },
        HotQuery("runner: one with its labels", rows: 30) { services, _ in
            _ = try await services.runners.get(ID(77), by: PlanFixture.principal)
        },
        HotQuery("workflow: by its file", rows: 20) { services, _ in
            _ = try await services.workflows.get(
                filename: ".github/workflows/w1.yml", in: ID(7), by: PlanFixture.principal)
        },
        HotQuery("steps: of a job", rows: 30) { services, fixture in
            _ = try await services.history.steps(of: ID(fixture.data.longLog))
        },
        HotQuery("annotations: of a job", rows: 30) { services, _ in
            _ = try await services.history.annotations(of: ID(100))
        },
        HotQuery("runner: which of its jobs are to be cancelled", rows: 300) { services, _ in
            _ = try await services.runners.cancelRequests(among: (1...100).map { ID($0) })
        },
    ]

    private static let logs = [
        HotQuery("log: from its first line", rows: 80) { services, fixture in
            _ = try await services.logs.read(ID(fixture.data.longLog))
        },
        HotQuery("log: from a line near its end", rows: 80) { services, fixture in
            _ = try await services.logs.read(ID(fixture.data.longLog), after: Int64(fixture.data.lines - 100))
        },
        HotQuery("log: its last 100 lines", rows: 80) { services, fixture in
            _ = try await services.logs.tail(ID(fixture.data.longLog), count: 100)
        },
        HotQuery("log: 4 KiB in its middle", rows: 80) { services, fixture in
            _ = try await services.logs.bytes(
                ID(fixture.data.longLog), from: Int64(fixture.data.lines) * 32, count: 4096)
        },
    ]

    private static let writes = [
        // Each looks once or twice into the index for every repository.
        HotQuery("retention: no log is over its limit", rows: 500) { services, _ in
            _ = try await services.retention.prune([.logs], by: PlanFixture.principal)
        },
        HotQuery("retention: no run is over its limit", rows: 500) { services, _ in
            _ = try await services.retention.prune([.runs], by: PlanFixture.principal)
        },
        HotQuery("retention: no delivery is over its limit", rows: 500) { services, _ in
            _ = try await services.retention.prune([.events], by: PlanFixture.principal)
        },
        HotQuery("run: create (file, version, number, jobs)", rows: 500) { services, fixture in
            _ = try await services.runs.create(fixture.request, by: PlanFixture.principal)
        },
        HotQuery("queue: claim for a bound run", rows: 200) { services, fixture in
            let taken = try await services.queue.claim(
                runner: fixture.runner, limit: 1, by: PlanFixture.principal)
            guard taken.count == 1 else { throw ServiceError(.notFound, "queue", "nothing to claim") }
        },
        HotQuery("job: complete, and release what needs it", rows: 300) { services, fixture in
            try await services.runners.complete(
                fixture.claimed.assignment.token, .success, outputs: [], by: PlanFixture.principal)
        },
    ]
}
