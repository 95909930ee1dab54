internal import Model
internal import Services
internal import Storage

/// Registered runners that claim and complete whatever waits.
struct QueueWork: Sendable {
    let services: Services
    let runners: [RunnerID]

    private static let principal = Principal(.runner, "bench")

    /// Runners that are online, each with room for so many jobs.
    static func register(_ count: Int, jobs: Int64, prefix: String = "bench", _ services: Services) async throws
        -> [RunnerID]
    {
        var runners: [RunnerID] = []
        for number in 0..<count {
            let runner = try await services.runners.register(
                RunnerRegistration(
                    name: "\(prefix)-\(number)", capabilities: RunnerCapabilities(maxParallelJobs: jobs)), by: .system
            )
            runners.append(try await services.runners.updateStatus(runner.id, .online, by: .system).id)
        }
        return runners
    }

    /// A run of that workflow in a repository of that name.
    static func request(
        _ name: String, _ text: String, repository: String, _ services: Services
    ) async throws -> RunRequest {
        var request = try await RunCreationBenchmark.request(name, text, services)
        request.repository = try await services.workflows.repository(
            location: "/bench/\(repository)", owner: "plue", name: repository, defaultBranch: "main", by: .system)
        return request
    }

    /// The workflow of jobs that need none.
    static func file(jobs: Int) -> String {
        "on: push\njobs:\n"
            + (1...jobs).map { "  j\($0): {runs-on: self-hosted, steps: [{run: 'true'}]}\n" }.joined()
    }

    /// Seconds until all runners together have done `total` jobs and the queue is empty. Throws ``BenchmarkError`` when
    /// they did another number.
    func drain(_ total: Int, batch: Int) async throws -> Double {
        try await Alternating.time {
            let count = try await withThrowingTaskGroup(of: Int.self) { group in
                for runner in runners {
                    group.addTask { try await work(runner, batch: batch) }
                }
                return try await group.reduce(0, +)
            }
            guard count == total else { throw BenchmarkError("\(count) of \(total) jobs were done") }
        }
    }

    /// Until the queue is empty; returns how many it did.
    func work(_ runner: RunnerID, batch: Int) async throws -> Int {
        var count = 0
        var next: [JobMessage] = []
        while true {
            let claimed =
                next.isEmpty ? try await services.queue.claim(runner, limit: batch, by: Self.principal) : next
            next = []
            if claimed.isEmpty {
                guard try await services.queue.hasWaiting() else { return count }
                continue
            }
            if claimed.count == 1 {
                next = try await services.runners.complete(
                    Self.completion(of: claimed[0]), thenClaimFor: runner, by: Self.principal)
                count += 1
                continue
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for message in claimed { group.addTask { try await Self.finish(message, services) } }
                try await group.waitForAll()
            }
            count += claimed.count
        }
    }

    /// Ends a job with the report of one step, as a runner does.
    static func finish(_ message: JobMessage, _ services: Services) async throws {
        try await services.runners.complete(completion(of: message), by: principal)
    }

    private static func completion(of message: JobMessage) throws -> Completion {
        let now = message.execution.startedAt?.microseconds ?? 0
        let result = StepResult(
            number: 1, name: "Run true", outcome: .success, conclusion: .success, exitCode: 0, milliseconds: 1)
        let reports: [JobReport] = [
            .stepStarted(number: 1, name: "Run true", contextName: "__run", action: nil, at: now),
            .stepFinished(result, logFirstLine: nil, logLineCount: 0, at: now),
        ]
        return try Completion(message.assignment.token, .success, reports: (message.assignment, reports))
    }
}

extension QueueWork {
    /// Stores runs of ten jobs, then returns the seconds until the runners have done so many jobs one by one.
    func fillAndDrain(_ jobs: Int) async throws -> Double {
        let request = try await Self.request("queue", Self.file(jobs: 10), repository: "bench", services)
        for _ in 0..<(jobs / 10) { _ = try await services.runs.create(request, by: .system) }
        return try await drain(jobs, batch: 1)
    }

    /// The greatest id of a job's execution; 0 of none.
    func lastJob() async throws -> Int64 {
        try await services.backend.read { db in
            let rows = try db.execute(Statement(sql: "SELECT coalesce(max(id), 0) AS id FROM actions_job_executions"))
            return try rows.first?["id"] ?? 0
        }
    }
}
