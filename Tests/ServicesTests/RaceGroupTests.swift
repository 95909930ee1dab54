import Model
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Services

/// Concurrency groups while everything that asks for them, holds them and gives them back happens at once.
@Suite struct RaceGroupTests {
    /// What the tasks share: who takes or cancels what is up to the machine.
    private final class Work: Sendable {
        let state = Mutex<(runs: [RunID], jobs: [JobMessage])>(([], []))

        func job(_ generator: inout SeededGenerator) -> JobMessage? {
            state.withLock { state in
                guard let index = state.jobs.indices.randomElement(using: &generator) else { return nil }
                return state.jobs.remove(at: index)
            }
        }

        func run(_ generator: inout SeededGenerator) -> RunID? {
            state.withLock { state in state.runs.suffix(12).randomElement(using: &generator) }
        }

        func add(_ run: RunID) {
            state.withLock { $0.runs.append(run) }
        }

        func add(_ jobs: [JobMessage]) {
            state.withLock { $0.jobs += jobs }
        }
    }

    /// Runs and jobs share three groups, so that they wait for each other across runs.
    private static func source(_ generator: inout SeededGenerator, _ index: Int) throws -> WorkflowSource {
        func group(_ indent: String) -> String {
            guard !generator.once(in: 3) else { return "" }
            let cancels = generator.once(in: 3) ? ", cancel-in-progress: true" : ""
            return "\(indent)concurrency: {group: g\(Int.random(in: 0..<3, using: &generator))\(cancels)}\n"
        }
        var text = "on: push\n" + group("") + "jobs:\n"
        for (key, more) in [
            ("a", ""), ("b", ""), ("c", "    needs: [a, b]\n"), ("d", "    if: always()\n    needs: a\n"),
        ] {
            text += "  \(key):\n    runs-on: self-hosted\n" + more + group("    ") + "    steps: [{run: a}]\n"
        }
        return try Engine.source(text, path: ".github/workflows/\(index).yml")
    }

    @Test(arguments: TestDatabase.allCases)
    func aGroupNeverHasTwoHolders(_ database: TestDatabase) async throws {
        let writers = 8
        let each = Race.scale(60, full: 400)
        try await Race.on(database) { race in
            var generator = SeededGenerator(seed: race.seed)
            let sources = try (0..<8).map { try Self.source(&generator, $0) }
            let runners = try await [race.runner("one", jobs: 4), race.runner("two", jobs: 4)]
            let work = Work()
            let looks = try await race.beside {
                try await Self.look(race)
            } while: {
                try await race.together(writers) { index, generator, services in
                    for _ in 0..<each {
                        try await Self.act(race, services, work, sources, runners[index % 2], &generator)
                    }
                }
                try await Self.finish(work, race, runners)
            }
            #expect(looks > 1)
            for row in try await race.numbers(
                "SELECT count(*) AS n FROM actions_workflow_runs WHERE status NOT IN ('completed', 'cancelled')"
                    + " UNION ALL SELECT count(*) AS n FROM actions_concurrency_slots"
                    + " UNION ALL SELECT count(*) AS n FROM actions_job_queue")
            { #expect(row == [0], "PLUE_TEST_SEED=\(race.seed)") }
        }
    }

    private static func act(
        _ race: Race, _ services: Services, _ work: Work, _ sources: [WorkflowSource], _ runner: RunnerID,
        _ generator: inout SeededGenerator
    ) async throws {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...1:
            let source = sources[Int.random(in: 0..<sources.count, using: &generator)]
            work.add(try await services.runs.create(race.request(source), by: Race.principal).id)
        case 2:
            guard let run = work.run(&generator) else { return }
            do {
                try await services.runs.cancel(run, by: Race.principal)
            } catch let error as ServiceError where error.code == .illegalTransition {
                // It has ended already.
            }
        case 3...5: work.add(try await services.queue.claim(runner, limit: 2, by: Race.principal))
        default:
            guard let job = work.job(&generator) else { return }
            try await end(job, generator.once(in: 5) ? .failure : .success, services)
        }
    }

    /// As a runner does that looks whether it was asked to stop.
    private static func end(_ job: JobMessage, _ conclusion: JobConclusion, _ services: Services) async throws {
        let asked = try await services.runners.cancelRequests(among: [job.execution.id])
        try await services.runners.complete(
            job.assignment.token, asked.isEmpty ? conclusion : .cancelled, outputs: [], by: Race.principal)
    }

    /// In one snapshot: no group has two holders, and what is in progress under a group is one.
    private static func look(_ race: Race) async throws {
        let twice = try await race.numbers(
            """
            SELECT count(*) AS n FROM actions_concurrency_slots WHERE state = 'running'
            GROUP BY repository_id, key_folded HAVING count(*) > 1
            UNION ALL SELECT count(*) AS n FROM actions_job_executions
            WHERE status IN ('queued', 'in_progress') AND concurrency_key IS NOT NULL
            GROUP BY repository_id, concurrency_key HAVING count(*) > 1
            UNION ALL SELECT count(*) AS n FROM actions_workflow_runs
            WHERE status = 'in_progress' AND concurrency_key IS NOT NULL
            GROUP BY repository_id, concurrency_key HAVING count(*) > 1
            """)
        #expect(twice.isEmpty, "PLUE_TEST_SEED=\(race.seed)")
        #expect(try await Invariants.broken(race.backend).isEmpty, "PLUE_TEST_SEED=\(race.seed)")
    }

    private static func finish(_ work: Work, _ race: Race, _ runners: [RunnerID]) async throws {
        let services = Services(backend: race.backend)
        while true {
            for runner in runners { work.add(try await services.queue.claim(runner, limit: 4, by: Race.principal)) }
            let jobs = work.state.withLock { state in
                defer { state.jobs = [] }
                return state.jobs
            }
            if jobs.isEmpty { return }
            for job in jobs { try await end(job, .success, services) }
        }
    }
}
