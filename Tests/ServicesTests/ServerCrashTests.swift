import Foundation
import Migrations
import Model
import PostgresStorage
import Storage
import Synchronization
import TestDatabases
import Testing

@testable import Services

/// A load on PostgreSQL until the file of `PLUE_CRASH_MARK` exists, while `scripts/acceptance` stops and starts the
/// server: what was acknowledged is there once, and nobody saw an error.
@Suite(.enabled(if: getenv("PLUE_CRASH_MARK") != nil)) struct ServerCrashTests {
    /// Everything that a call returned for.
    private struct Acknowledged: Sendable {
        var runs: [RunID] = []
        var completed: [ExecutionID: JobConclusion] = [:]
        /// The lines of each job's log.
        var lines: [ExecutionID: [String]] = [:]
        var chunks = 0
        var steps = 0
        var errors: [String] = []
        var longest: Duration = .zero
    }

    private final class Record: Sendable {
        let state = Mutex(Acknowledged())

        /// Runs a call and notes how long it took.
        func timed<R>(_ body: () async throws -> R) async throws -> R {
            let began = ContinuousClock.now
            let result = try await body()
            let took = ContinuousClock.now - began
            state.withLock { $0.longest = max($0.longest, took) }
            return result
        }
    }

    @Test func whatWasAcknowledgedOutlivesTheServer() async throws {
        let mark = try #require(ProcessInfo.processInfo.environment["PLUE_CRASH_MARK"])
        try await withPostgres { backend in
            #expect(try await Self.setting("fsync", backend) == "on")
            #expect(try await Self.setting("synchronous_commit", backend) == "on")
            let services = try await Services.open(backend, migrations: Migrations.postgres)
            let repository = try await services.workflows.repository(
                location: "/r", owner: "octo", name: "cat", defaultBranch: "main", by: Race.principal)
            let race = Race(backend: backend, repository: repository, seed: 0)
            let record = Record()
            try await race.together(8) { index, _, services in
                do {
                    try await Self.load(race, index, services, record, until: mark)
                } catch {
                    record.state.withLock { $0.errors.append("\(index): \(error)") }
                }
            }
            try await Self.judge(record.state.withLock { $0 }, race)
        }
    }

    private static func setting(_ name: String, _ backend: PostgresStorage) async throws -> String? {
        try await backend.read { db in
            try db.execute(Statement(sql: "SELECT current_setting('\(name)') AS value")).first?["value"]
        }
    }

    /// A writer with a runner of its own; two write each workflow.
    private static func load(
        _ race: Race, _ index: Int, _ services: Services, _ record: Record, until mark: String
    ) async throws {
        let source = try Engine.source(
            """
            on: push
            jobs:
              a: {runs-on: self-hosted, steps: [{run: a}]}
              b: {runs-on: self-hosted, needs: a, steps: [{run: b}]}
            """, path: ".github/workflows/\(index % 4).yml")
        let runner = try await services.runners.registerLocal(
            uuid: "\(index)", name: "\(index)", lockPath: "/nowhere/\(index)", lockHost: "here",
            repository: race.repository.id, os: "linux", arch: "x64", version: "0", maxParallelJobs: 4, labels: [],
            by: Race.principal)
        while !FileManager.default.fileExists(atPath: mark) {
            let run = try await record.timed {
                try await services.runs.create(race.request(source, runner: runner.id), by: Race.principal)
            }
            record.state.withLock { $0.runs.append(run.id) }
            var taken: [JobMessage]
            repeat {
                taken = try await record.timed {
                    try await services.queue.claim(runner: runner, limit: 4, by: Race.principal)
                }
                for job in taken { try await execute(job, services, record) }
            } while !taken.isEmpty
        }
    }

    private static func execute(_ job: JobMessage, _ services: Services, _ record: Record) async throws {
        let id = job.execution.id
        func report(_ reports: [JobReport]) async throws {
            try await record.timed {
                try await services.runners.report(reports, of: job.assignment, by: Race.principal)
            }
        }
        try await report([.stepStarted(number: 1, name: "s", contextName: "s", action: nil, at: 5)])
        var byte: Int64 = 0
        for sequence in 0..<3 as Range<Int64> {
            let line = LogLine(step: 1, stream: .stdout, microseconds: 7, text: "job \(id) line \(sequence)")
            try await report([.log(sequence: sequence, firstLine: sequence + 1, firstByte: byte, [line])])
            byte += Int64(line.text.utf8.count) + 1
            record.state.withLock { state in
                state.lines[id, default: []].append(line.text)
                state.chunks += 1
            }
        }
        let result = StepResult(
            number: 1, name: "s", outcome: .success, conclusion: .success, exitCode: 0, milliseconds: 1)
        try await report([.stepFinished(result, logFirstLine: 1, logLineCount: 3, at: 9)])
        record.state.withLock { $0.steps += 1 }
        try await record.timed {
            try await services.runners.complete(job.assignment.token, .success, outputs: [], by: Race.principal)
        }
        record.state.withLock { $0.completed[id] = .success }
    }

    private static func judge(_ record: Acknowledged, _ race: Race) async throws {
        print(
            "crash: \(record.runs.count) runs, \(record.completed.count) jobs and \(record.chunks) log chunks acknowledged,",
            "\(record.errors.count) errors, \(race.backend.metrics.retries) retries, longest call \(record.longest)")
        #expect(record.errors.isEmpty)
        #expect(record.runs.count > 0)
        // A write that was repeated after it had been done would be one more.
        let stored = try await race.numbers("SELECT id FROM actions_workflow_runs ORDER BY id").map { $0[0] }
        #expect(stored == record.runs.map(\.rawValue).sorted())
        let ended = try await race.numbers(
            "SELECT id FROM actions_job_executions WHERE status = 'completed' ORDER BY id"
        ).map { $0[0] }
        #expect(ended == record.completed.keys.map(\.rawValue).sorted())
        let ends = try await race.numbers(
            "SELECT count(*) AS n FROM actions_transitions WHERE object = 'job' AND to_state = 'completed'")
        #expect(ends == [[Int64(record.completed.count)]])
        let counts = try await race.numbers(
            """
            SELECT (SELECT count(*) FROM actions_log_chunks) AS chunks,
                (SELECT count(*) FROM actions_steps WHERE conclusion = 'success') AS steps,
                (SELECT count(*) FROM actions_job_assignments) AS claims,
                (SELECT count(*) FROM actions_audit_log WHERE action = 'run.create') AS audited
            """)
        let expected = [record.chunks, record.steps, record.completed.count, record.runs.count].map(Int64.init)
        #expect(counts == [expected])
        let services = Services(backend: race.backend)
        for (id, lines) in record.lines {
            #expect(try await services.logs.read(id).map(\.text) == lines)
        }
        #expect(try await Invariants.broken(race.backend).isEmpty)
        let pool = race.backend.metrics.readers
        #expect(pool.leased == 0 && pool.waiting == 0)
    }
}
