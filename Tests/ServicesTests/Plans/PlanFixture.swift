import BenchmarkHarness
import Model
import Storage
import Testing

@testable import Services

/// Much data, and among it a few runs that were made by the services.
struct PlanFixture: Sendable {
    static let principal = Principal(.user, "octocat")
    /// A database rightly reads a table of so few rows from end to end.
    static let small = 5000
    private static let text = """
        on: push
        jobs:
          a: {runs-on: ubuntu-latest, steps: [{run: a}]}
          b: {runs-on: ubuntu-latest, needs: a, steps: [{run: b}]}
        """

    let database: BenchmarkDatabase
    let data: ScaleData
    let repository: Repository
    let runner: Runner
    let request: RunRequest
    /// Of a run whose job `b` waits for it.
    let claimed: JobMessage
    /// Tables of more than `small` rows.
    let bigTables: Set<String>

    init(_ target: BenchmarkTarget, _ data: ScaleData) async throws {
        database = try await target.database("plans")
        self.data = data
        let services = try await Services.open(database.backend, migrations: target.migrations)
        try await data.load(database.backend)
        repository = try #require(try await services.history.repository(location: "/r/1"))
        runner = try await services.runners.registerLocal(
            uuid: "plans", name: "plans", lockPath: "/nowhere", lockHost: "here", repository: repository.id,
            os: "linux",
            arch: "x64", version: "0", maxParallelJobs: 4, labels: [], by: Self.principal)
        request = RunRequest(
            repository: repository, source: try Engine.source(Self.text, path: ".github/workflows/plans.yml"),
            called: [], event: "push", payload: "{}", headBranch: "main", headRef: "refs/heads/main",
            headSHA: String(repeating: "0", count: 40), isDirty: false, actor: "octocat", runner: runner.id)
        _ = try await services.runs.create(request, by: Self.principal)
        claimed = try #require(
            try await services.queue.claim(runner: runner, limit: 1, by: Self.principal).first)
        // Its first job waits to be claimed.
        _ = try await services.runs.create(request, by: Self.principal)
        bigTables = try await database.backend.withConnection { db in
            if db.dialect.writesInWith { _ = try db.execute(Statement(sql: "ANALYZE")) }
            var big: Set<String> = []
            for table in try db.tables(matching: #"actions\_%"#) {
                let rows = try db.execute(Statement(sql: "SELECT count(*) AS n FROM \(table)"))
                if try rows.first?["n"] ?? 0 > Self.small { big.insert(table) }
            }
            return big
        }
    }
}
