import Migrations
import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// The services on an empty database, with one repository and one runner that does what the test says.
struct Engine {
    static let principal = Principal(.user, "octocat")

    let services: Services
    let repository: Repository
    let runner: Runner

    /// Runs `body` and checks all invariants at the end.
    static func with(
        _ database: TestDatabase, clock: DatabaseClock = .system, _ body: (Engine) async throws -> Void
    ) async throws {
        try await database.with(clock: clock) { backend in
            let services = try await Services.open(backend, migrations: database.migrations)
            let engine = try await Engine(services, location: "/r")
            try await body(engine)
            try await engine.check()
        }
    }

    init(_ services: Services, location: String, runner name: String = "one") async throws {
        self.services = services
        repository = try await services.workflows.repository(
            location: location, owner: "octo", name: "cat", defaultBranch: "main", by: Self.principal)
        runner = try await services.runners.registerLocal(
            uuid: "\(location) \(name)", name: name, lockPath: "/nowhere/\(name)", lockHost: "here",
            repository: repository.id,
            os: "linux", arch: "x64", version: "0", maxParallelJobs: 4, labels: ["macOS-14"],
            by: Self.principal)
    }

    // MARK: Runs

    static func source(_ text: String, path: String = ".github/workflows/ci.yml") throws -> WorkflowSource {
        let parsed = WorkflowParser(linting: false).parse(text, file: path)
        let workflow = try #require(parsed.workflow, "\(parsed.diagnostics)\n\(text)")
        return WorkflowSource(path: path, text: text, workflow: workflow)
    }

    /// A run of the workflow: `jobs` is the text of `jobs:`, or the whole file when it begins with `on:` or `name:`.
    @discardableResult
    func create(
        _ jobs: String, called: [String: String] = [:], path: String = ".github/workflows/ci.yml",
        inputs: String = "{}", selection: RunSelection = RunSelection()
    ) async throws -> WorkflowRun {
        let isWhole = jobs.hasPrefix("on:") || jobs.hasPrefix("name:")
        let text = isWhole ? jobs : "on: push\njobs:\n" + jobs
        let request = RunRequest(
            repository: repository, source: try Self.source(text, path: path),
            called: try called.map { try Self.source($0.value, path: ".github/workflows/\($0.key)") },
            event: "push", payload: "{}", inputs: inputs, selection: selection, headBranch: "main",
            headRef: "refs/heads/main", headSHA: String(repeating: "0", count: 40), isDirty: false, actor: "octocat",
            runner: runner.id)
        let run = try await services.runs.create(request, by: Self.principal)
        try await check()
        return run
    }

    func run(_ id: RunID) async throws -> WorkflowRun {
        try #require(try await services.history.run(id)).run
    }

    func cancel(_ run: WorkflowRun) async throws {
        try await services.runs.cancel(run.id, by: Self.principal)
        try await check()
    }

    @discardableResult
    func rerun(_ run: WorkflowRun, _ scope: RerunScope) async throws -> WorkflowRun {
        let again = try await services.runs.rerun(
            run.id, scope, runner: runner.id, actor: "hubot", by: Principal(.user, "hubot"))
        try await check()
        return again
    }

    // MARK: Jobs

    /// Takes what waits.
    func claim(_ limit: Int = 100) async throws -> [JobMessage] {
        let taken = try await services.queue.claim(runner: runner, limit: limit, by: Self.principal)
        try await check()
        return taken
    }

    func complete(
        _ message: JobMessage, _ conclusion: JobConclusion = .success, _ outputs: [(String, String)] = []
    ) async throws {
        try await services.runners.complete(
            message.assignment.token, conclusion, outputs: outputs, by: Self.principal)
        try await check()
    }

    /// Claims and completes until nothing waits any more. Jobs end with success unless `results` says otherwise, by
    /// name. Returns the names in the order of the claims.
    @discardableResult
    func finish(
        _ results: [String: JobConclusion] = [:], outputs: [String: [(String, String)]] = [:]
    ) async throws -> [String] {
        var order: [String] = []
        while true {
            let taken = try await claim(1)
            guard let message = taken.first else { return order }
            order.append(message.execution.name)
            let name = message.execution.name
            try await complete(message, results[name] ?? .success, outputs[name] ?? [])
        }
    }

    /// The jobs of the latest attempt: `name` to its conclusion, or its state while it has none.
    func states(_ run: WorkflowRun, attempt: Int64? = nil) async throws -> [String: String] {
        var states: [String: String] = [:]
        for job in try await services.history.jobs(of: run.id, attempt: attempt) {
            states[job.name] = job.conclusion?.rawValue ?? job.hold.map { "\($0.rawValue)" } ?? job.status.rawValue
        }
        return states
    }

    func job(_ name: String, of run: WorkflowRun) async throws -> JobExecution {
        try #require(try await services.history.jobs(of: run.id).first { $0.name == name }, "no job \(name)")
    }

    // MARK: The database

    func rows(_ sql: String) async throws -> [Row] {
        try await services.backend.read { db in Array(try db.execute(Statement(sql: sql))) }
    }

    func write(_ sql: String) async throws {
        _ = try await services.backend.transaction { db in try db.execute(Statement(sql: sql)).count }
    }

    /// Every invariant holds now.
    func check(_ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for broken in try await Invariants.broken(services.backend) {
            Issue.record("\(broken) \(comment)", sourceLocation: sourceLocation)
        }
    }
}
