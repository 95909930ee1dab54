import Model
import Storage
import Testing

@testable import PlueActions
@testable import Services

/// A platform that embeds the data layer: one repository, one workflow.
struct Platform {
    static let user = Principal(.user, "octocat")
    static let ci = """
        name: CI
        on: push
        jobs:
          test:
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - run: make test
        """

    let actions: Actions
    let repository: Repository

    /// Runs `body`, and checks at the end that the database is consistent.
    static func with(_ database: ActionsDatabase, _ body: (Platform) async throws -> Void) async throws {
        try await database.with { actions in
            let platform = try await Platform(actions, name: "cat")
            try await body(platform)
            try await platform.check()
        }
    }

    init(_ actions: Actions, name: String, organization: Int64? = nil) async throws {
        self.actions = actions
        repository = try await actions.createRepository(
            owner: "octo", name: name, organizationID: organization, by: Self.user)
    }

    func workflow(_ text: String = ci, _ filename: String = ".github/workflows/ci.yml") async throws -> Workflow {
        try await actions.createWorkflow(yaml: text, filename: filename, in: repository.id, by: Self.user)
    }

    /// A run of a workflow with these jobs.
    func run(jobs: String, _ filename: String = ".github/workflows/ci.yml") async throws -> WorkflowRun {
        try await run(try await workflow("on: push\njobs:\n" + jobs, filename))
    }

    func run(_ workflow: Workflow, expanding: Bool = true, sha: String = "c0ffee") async throws -> WorkflowRun {
        try await actions.createWorkflowRun(
            WorkflowRunRequest(
                workflow: try #require(workflow.id), commitSHA: sha, branch: "main", actor: "octocat", actorID: 7),
            expanding: expanding, by: Self.user)
    }

    /// An online runner.
    func runner(
        _ name: String = "one", labels: [String] = ["ubuntu-latest", "x"], scope: RunnerScope = .global,
        parallel: Int64 = 100, docker: Bool = false
    ) async throws -> Runner {
        let made = try await actions.registerRunner(
            name: name, labels: labels, scope: scope,
            capabilities: RunnerCapabilities(maxParallelJobs: parallel, dockerEnabled: docker), by: Self.user)
        return try await actions.updateRunnerStatus(made.id, .online, by: Self.user)
    }

    func claim(_ runner: Runner, _ limit: Int = 100) async throws -> [ClaimedJob] {
        try await actions.claimJobs(runner.id, limit: limit, by: Self.user)
    }

    @discardableResult
    func complete(_ job: ClaimedJob, _ conclusion: JobConclusion = .success) async throws -> JobExecution {
        try await actions.completeJob(job.token, conclusion, by: Self.user)
    }

    /// Claims and completes until nothing waits any more; returns the names in their order.
    @discardableResult
    func finish(_ runner: Runner, _ results: [String: JobConclusion] = [:]) async throws -> [String] {
        var order: [String] = []
        while let job = try await claim(runner, 1).first {
            order.append(job.execution.name)
            try await complete(job, results[job.execution.name] ?? .success)
        }
        return order
    }

    /// Name to conclusion, or to the status while there is none.
    func states(_ run: WorkflowRun) async throws -> [String: String] {
        let jobs = try await actions.getJobExecutions(run.id, by: Self.user)
        return Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, $0.conclusion?.rawValue ?? $0.status.rawValue) })
    }

    func get(_ run: WorkflowRun) async throws -> WorkflowRun {
        try await actions.getWorkflowRun(run.id, by: Self.user)
    }

    func audited(_ action: String) async throws -> Int {
        var filter = AuditFilter()
        filter.action = action
        return try await actions.listAuditLog(filter, limit: 1000, by: Self.user).items.count
    }

    func rows(_ sql: String) async throws -> [Row] {
        try await actions.services.backend.read { db in Array(try db.execute(Statement(sql: sql))) }
    }

    func change(_ sql: String) async throws {
        try await actions.services.backend.transaction { db in _ = try db.execute(Statement(sql: sql)) }
    }

    /// Every rule of consistency holds.
    func check(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for found in try await actions.services.doctor.check() {
            Issue.record("\(found)", sourceLocation: sourceLocation)
        }
    }

    /// The code of the error that the call throws.
    static func code(_ body: () async throws -> Void) async -> ActionsError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ActionsError)?.code ?? .internal
        }
    }
}
