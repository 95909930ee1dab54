internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// What it takes to store a run with 100 jobs.
struct RunCreationBenchmark {
    let target: BenchmarkTarget
    let rounds: Int

    private static let principal = Principal.system
    private static let jobs = 100

    func lines() async throws -> [BenchmarkLine] {
        let database = try await target.database("runs")
        do {
            let counter = RoundTrips()
            let services = try await Services.open(
                ObservedBackend(database.backend, counter), migrations: target.migrations)
            var lines: [BenchmarkLine] = []
            for (shape, text) in [("chain", Self.chain), ("fan-out", Self.fanOut)] {
                let request = try await Self.request(shape, text, services)
                lines += try await self.lines(shape, request, services, database.backend, counter)
            }
            try await database.remove()
            return lines
        } catch {
            try? await database.remove()
            throw error
        }
    }

    private func lines(
        _ shape: String, _ request: RunRequest, _ services: Services, _ backend: any StorageBackend,
        _ counter: RoundTrips
    ) async throws -> [BenchmarkLine] {
        // The first run of a file stores the file too.
        _ = try await services.runs.create(request, by: Self.principal)
        let before = try await Self.rows(backend)
        _ = counter.take()
        let run = try await services.runs.create(request, by: Self.principal)
        let counts = counter.take()
        // A row at a time: an INSERT for each, the version's look-up, the number, BEGIN and COMMIT.
        let rowByRow = try await Self.rows(backend) - before + 4
        let trips = backend.dialect.writesInWith ? counts.roundTrips : counts.statements
        let limit = try await RawRunLimit(run, backend)
        let times = try await Alternating(
            rounds: rounds,
            [
                { try await limit.insert() },
                {
                    try await Alternating.time {
                        _ = try await services.runs.create(request, by: Self.principal)
                    }
                },
            ])
        _ = counter.take()
        let name = "run.create.\(shape)\(Self.jobs)"
        let unit = backend.dialect.writesInWith ? "round trips" : "statements"
        return [
            BenchmarkLine(
                target.name, "\(name) \(unit) against row by row", "a run", Double(trips), floor: Double(rowByRow),
                ratio: Double(rowByRow) / Double(trips), goal: .atLeast(20)),
            BenchmarkLine(
                target.name, "\(name) against INSERT … SELECT of its rows", "runs/s", 1 / times.median(1),
                floor: 1 / times.median(0), ratio: times.ratio(0, to: 1)),
            BenchmarkLine(
                target.name, "\(name) against INSERT … SELECT of its rows", "jobs/s",
                Double(Self.jobs) / times.median(1), floor: Double(Self.jobs) / times.median(0),
                ratio: times.ratio(0, to: 1)),
        ]
    }

    /// A run of that workflow by whoever takes its jobs.
    static func request(_ name: String, _ text: String, _ services: Services) async throws -> RunRequest {
        let repository = try await services.workflows.repository(
            location: "/bench", owner: "plue", name: "bench", defaultBranch: "main", by: principal)
        let path = ".github/workflows/\(name).yml"
        guard let workflow = WorkflowParser(linting: false).parse(text, file: path).workflow else {
            throw BenchmarkError("the benchmark's workflow does not parse")
        }
        return RunRequest(
            repository: repository, source: WorkflowSource(path: path, text: text, workflow: workflow), called: [],
            event: "push", payload: "{}", headBranch: "main", headRef: "refs/heads/main",
            headSHA: String(repeating: "0", count: 40), isDirty: false, actor: "bench", runner: nil)
    }

    /// Every job needs the one before it.
    private static let chain = file { $0 == 1 ? "" : "needs: j\($0 - 1), " }

    /// All need the first one, the last one needs all.
    private static let fanOut = file { number in
        switch number {
        case 1: ""
        case jobs: "needs: [" + (1..<jobs).map { "j\($0)" }.joined(separator: ", ") + "], "
        default: "needs: j1, "
        }
    }

    private static func file(_ needs: (Int) -> String) -> String {
        "on: push\njobs:\n"
            + (1...jobs).map { "  j\($0): {runs-on: ubuntu-latest, \(needs($0))steps: [{run: echo \($0)}]}\n" }.joined()
    }

    /// The rows of all tables.
    private static func rows(_ backend: any StorageBackend) async throws -> Int {
        try await backend.withConnection { db in
            var count = 0
            for table in try db.tables(matching: #"actions\_%"#) {
                let rows = try db.execute(Statement(sql: "SELECT count(*) AS n FROM \(table)"))
                count += try rows.first?["n"] ?? 0
            }
            return count
        }
    }
}
