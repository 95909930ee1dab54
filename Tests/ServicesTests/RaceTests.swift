import Model
import Storage
import Testing

@testable import Services

/// What many writers and readers at once must not break.
@Suite struct RaceTests {
    private static let simple = "on: push\njobs:\n  a: {runs-on: self-hosted, steps: [{run: a}]}\n"

    /// The files are new: that also the first ones race is part of it.
    @Test(arguments: TestDatabase.allCases)
    func runNumbersHaveNoGapAndNoDuplicate(_ database: TestDatabase) async throws {
        let writers = 8
        let each = Race.scale(40, full: 2_000)
        try await Race.on(database) { race in
            let sources = try (0..<5).map { try Engine.source(Self.simple, path: ".github/workflows/\($0).yml") }
            try await race.together(writers) { _, generator, services in
                for _ in 0..<each {
                    let source = sources[Int.random(in: 0..<sources.count, using: &generator)]
                    _ = try await services.runs.create(race.request(source), by: Race.principal)
                }
            }
            let found = try await race.numbers(
                """
                SELECT w.id, min(r.run_number) AS low, max(r.run_number) AS high, count(*) AS n,
                    count(DISTINCT r.run_number) AS d, max(w.next_run_number) AS next
                FROM actions_workflows AS w JOIN actions_workflow_runs AS r ON r.workflow_id = w.id GROUP BY w.id
                """)
            #expect(found.count == sources.count)
            for row in found {
                #expect(row[1] == 1 && row[2] == row[3] && row[4] == row[3] && row[5] == row[3] + 1, "\(row)")
            }
            #expect(found.reduce(0) { $0 + $1[3] } == Int64(writers * each))
            // Who came second to a file found the version of who came first.
            #expect(try await race.numbers("SELECT count(*) AS n FROM actions_workflow_versions") == [[5]])
        }
    }

    /// Both needs end at once, then two claim the dependent at once.
    @Test(arguments: TestDatabase.allCases)
    func twoNeedsThatEndAtOnceReleaseTheirDependentOnce(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let source = try Engine.source(
                """
                on: push
                jobs:
                  a: {runs-on: self-hosted, steps: [{run: a}]}
                  b: {runs-on: self-hosted, steps: [{run: a}]}
                  c: {runs-on: self-hosted, needs: [a, b], steps: [{run: a}]}
                """)
            let one = Services(backend: race.backend)
            let other = Services(backend: race.backend)
            let first = try await race.runner("one", jobs: 8)
            let second = try await race.runner("two", jobs: 8)
            for _ in 0..<Race.scale(30, full: 1_000) {
                let run = try await one.runs.create(race.request(source), by: Race.principal)
                let needs = try await one.queue.claim(first, limit: 2, by: Race.principal)
                try #require(needs.count == 2)
                let ends = [(one, needs[0]), (other, needs[1])]
                try await race.together(2) { index, _, _ in
                    let (services, job) = ends[index]
                    try await services.runners.complete(
                        job.assignment.token, .success, outputs: [], by: Race.principal)
                }
                let released = try await race.numbers(
                    """
                    SELECT (SELECT count(*) FROM actions_job_queue AS q WHERE q.execution_id = e.id) AS queued,
                        (SELECT count(*) FROM actions_transitions AS t
                         WHERE t.object = 'job' AND t.object_id = e.id AND t.to_state = 'queued') AS released
                    FROM actions_job_executions AS e WHERE e.workflow_run_id = \(run.id) AND e.job_key = 'c'
                    """)
                #expect(released == [[1, 1]], "PLUE_TEST_SEED=\(race.seed) run \(run.id)")
                async let mine = one.queue.claim(first, limit: 1, by: Race.principal)
                async let theirs = other.queue.claim(second, limit: 1, by: Race.principal)
                let taken = try await mine + theirs
                #expect(taken.count == 1, "PLUE_TEST_SEED=\(race.seed) run \(run.id)")
                for job in taken {
                    try await one.runners.complete(job.assignment.token, .success, outputs: [], by: Race.principal)
                }
            }
            #expect(try await race.numbers("SELECT count(*) AS n FROM actions_live_runs") == [[0]])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func readersSeeNoHalfMadeRun(_ database: TestDatabase) async throws {
        let writers = 4
        let each = Race.scale(15, full: 250)
        let jobs = (0..<30).map { index in
            let needs = [index - 10, index - 20].filter { $0 >= 0 }.map { "j\($0)" }.joined(separator: ", ")
            return "  j\(index): {runs-on: self-hosted, needs: [\(needs)], steps: [{run: a}]}"
        }
        try await Race.on(database) { race in
            let source = try Engine.source("on: push\njobs:\n" + jobs.joined(separator: "\n"))
            let halves = """
                SELECT r.id,
                    (SELECT count(*) FROM actions_job_executions AS e WHERE e.workflow_run_id = r.id) AS jobs,
                    (SELECT count(*) FROM actions_execution_needs AS n JOIN actions_job_executions AS e
                     ON e.id = n.execution_id WHERE e.workflow_run_id = r.id) AS edges,
                    (SELECT count(*) FROM actions_job_queue AS q WHERE q.workflow_run_id = r.id) AS queued,
                    (SELECT count(*) FROM actions_live_runs AS l WHERE l.run_id = r.id) AS live
                FROM actions_workflow_runs AS r ORDER BY r.id DESC LIMIT 20
                """
            let seen = try await race.beside {
                // Statement after statement, within one transaction.
                let (list, rows) = try await race.backend.read { db in
                    let list = try db.execute(
                        Statement(sql: "SELECT id FROM actions_workflow_runs ORDER BY id DESC LIMIT 20"))
                    return (try Race.numbers(list), try Race.numbers(db.execute(Statement(sql: halves))))
                }
                #expect(rows.map { $0[0] } == list.map { $0[0] })
                for row in rows { #expect(Array(row.dropFirst()) == [30, 30, 10, 1]) }
            } while: {
                try await race.together(writers) { _, _, services in
                    for _ in 0..<each {
                        _ = try await services.runs.create(race.request(source), by: Race.principal)
                    }
                }
            }
            #expect(seen > 1)
        }
    }
}
