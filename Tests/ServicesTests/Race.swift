import Foundation
import Model
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Services

/// Several tasks on one database, as several servers would be: each has services, and so a memory, of its own. The seed
/// says what each task does; who is first is up to the machine.
struct Race: Sendable {
    static let principal = Principal(.user, "octocat")

    let backend: any StorageBackend
    let repository: Repository
    let seed: UInt64

    /// `PLUE_RACE_SCALE=full` does as much as the release asks for.
    static func scale(_ few: Int, full: Int) -> Int {
        ProcessInfo.processInfo.environment["PLUE_RACE_SCALE"] == "full" ? full : few
    }

    /// Runs `body` on an empty database; nothing is wrong with it at the end. Prints the seed, which `PLUE_TEST_SEED` sets.
    static func on(
        _ database: TestDatabase, _ name: String = #function, _ body: (Race) async throws -> Void
    ) async throws {
        let given = ProcessInfo.processInfo.environment["PLUE_TEST_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let began = ContinuousClock.now
        try await database.with { backend in
            let services = try await Services.open(backend, migrations: database.migrations)
            let repository = try await services.workflows.repository(
                location: "/r", owner: "octo", name: "cat", defaultBranch: "main", by: principal)
            try await body(Race(backend: backend, repository: repository, seed: seed))
            #expect(try await Invariants.broken(backend).isEmpty)
            let metrics = backend.metrics
            print(
                "race \(name) \(database) PLUE_TEST_SEED=\(seed): \(metrics.transactions) transactions,",
                "\(metrics.retries) retries, \(ContinuousClock.now - began)")
        }
    }

    /// Runs the tasks at the same time, each with its own numbers and services.
    func together(
        _ count: Int, _ body: @escaping @Sendable (Int, inout SeededGenerator, Services) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                group.addTask {
                    var generator = SeededGenerator(seed: seed &+ UInt64(index))
                    try await body(index, &generator, Services(backend: backend))
                }
            }
            try await group.waitForAll()
        }
    }

    func request(_ source: WorkflowSource, runner: RunnerID? = nil) -> RunRequest {
        RunRequest(
            repository: repository, source: source, called: [], event: "push", payload: "{}", headBranch: "main",
            headRef: "refs/heads/main", headSHA: String(repeating: "0", count: 40), isDirty: false, actor: "octocat",
            runner: runner)
    }

    /// A runner that takes any job labelled `self-hosted`.
    func runner(_ name: String, jobs: Int64) async throws -> RunnerID {
        let services = Services(backend: backend)
        let runner = try await services.runners.register(
            RunnerRegistration(name: name, capabilities: RunnerCapabilities(maxParallelJobs: jobs)),
            by: Self.principal)
        return try await services.runners.updateStatus(runner.id, .online, by: Self.principal).id
    }

    /// Claims until there is nothing more: what another server put below a mark of this one is found by the next look only.
    func claimAll(_ runner: RunnerID, of services: Services) async throws -> [ExecutionID] {
        var claimed: [ExecutionID] = []
        while true {
            let more = try await services.queue.claim(runner, limit: 100, by: Self.principal)
            if more.isEmpty { return claimed }
            claimed += more.map(\.execution.id)
        }
    }

    /// Repeats `look` in two tasks until `work` is done, and once more; returns how often.
    func beside(
        _ look: @escaping @Sendable () async throws -> Void, while work: () async throws -> Void
    ) async throws -> Int {
        let isDone = Flag()
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var count = 0
                    while !isDone.isSet.withLock({ $0 }) {
                        try await look()
                        count += 1
                    }
                    try await look()
                    return count + 1
                }
            }
            do {
                try await work()
            } catch {
                isDone.isSet.withLock { $0 = true }
                throw error
            }
            isDone.isSet.withLock { $0 = true }
            return try await group.reduce(0, +)
        }
    }

    private final class Flag: Sendable {
        let isSet = Mutex(false)
    }

    func numbers(_ sql: String) async throws -> [[Int64]] {
        try await backend.read { db in try Self.numbers(db.execute(Statement(sql: sql))) }
    }

    static func numbers(_ rows: Rows) throws -> [[Int64]] {
        try rows.map { row in try rows.columns.names.map { name in try row[name] as Int64 } }
    }
}
