import Model
import QueryBuilder
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// Cancelling, re-running, losing a runner.
@Suite struct CancelTests {
    private static let jobs = """
          a: {runs-on: x, steps: [{run: a}]}
          b: {needs: a, runs-on: x, steps: [{run: a}]}
          c: {needs: [a, b], if: always(), runs-on: x, steps: [{run: a}]}
          d: {needs: a, if: cancelled(), runs-on: x, steps: [{run: a}]}
          e: {if: always(), runs-on: x, steps: [{run: a}]}
        """

    @Test(arguments: TestDatabase.allCases)
    func cancellingWhatIsQueued(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(Self.jobs)
            try await engine.cancel(run)
            #expect(
                try await engine.states(run) == [
                    "a": "cancelled", "b": "cancelled", "c": "queued", "d": "queued", "e": "queued",
                ])
            #expect(Set(try await engine.finish()) == ["c", "d", "e"])
            #expect(try await engine.run(run.id).conclusion == .cancelled)
            #expect(try await engine.run(run.id).statusReason == .cancelledByUser)
            let error = await #expect(throws: ServiceError.self) { try await engine.cancel(run) }
            #expect(error?.code == .illegalTransition)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func cancellingWhatRuns(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(Self.jobs)
            let taken = try await engine.claim()
            #expect(taken.map(\.execution.name) == ["a", "e"])
            try await engine.cancel(run)
            try await engine.cancel(run)
            let asked = try await engine.services.runners.cancelRequests(among: taken.map(\.execution.id))
            #expect(asked == [taken[0].execution.id])
            #expect(try await engine.run(run.id).status == .inProgress)
            try await engine.complete(taken[0], .cancelled)
            try await engine.complete(taken[1], .success)
            try await engine.finish()
            #expect(
                try await engine.states(run) == [
                    "a": "cancelled", "b": "cancelled", "c": "success", "d": "success", "e": "success",
                ])
            #expect(try await engine.run(run.id).conclusion == .cancelled)
        }
    }

    /// Nothing is waited for, and no `always()` is asked; the runner's word comes too late.
    @Test(arguments: TestDatabase.allCases)
    func cancellingAtOnce(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(Self.jobs)
            let taken = try await engine.claim()
            try await engine.cancel(run)
            let ended = try await engine.services.runs.cancel(run.id, atOnce: true, by: Race.principal)
            #expect(ended.status == .cancelled && ended.statusReason == .cancelledByUser)
            #expect(Set(try await engine.states(run).values) == ["cancelled"])
            for message in taken {
                let error = await #expect(throws: ServiceError.self) { try await engine.complete(message, .success) }
                #expect(error?.code == .staleAssignment)
            }
            let again = await #expect(throws: ServiceError.self) {
                try await engine.services.runs.cancel(run.id, atOnce: true, by: Race.principal)
            }
            #expect(again?.code == .illegalTransition)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatNobodyTakesAndWhatNeverEndsIsEnded(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let text = """
                on: push
                jobs:
                  a: {runs-on: nowhere, steps: [{run: a}]}
                  b: {runs-on: self-hosted, steps: [{run: a}]}
                  c: {needs: a, runs-on: self-hosted, if: failure(), steps: [{run: a}]}
                """
            let run = try await services.runs.create(race.request(try Engine.source(text)), by: Race.principal)
            func waits(_ seconds: Int) async throws {
                try await race.backend.transaction { db in
                    _ = try db.run(
                        Update("actions_job_queue").set("queued_at", .now(plus: .seconds(-seconds)))
                            .where("execution_id IN (SELECT id FROM actions_job_executions WHERE job_key = 'a')"))
                }
            }
            try await waits(24 * 3_600 - 60)
            #expect(try await services.runs.endOverdue(by: .system) == 0)
            try await waits(24 * 3_600 + 1)
            #expect(try await services.runs.endOverdue(by: .system) == 1)
            #expect(try await services.runs.endOverdue(by: .system) == 0)
            let jobs = try await services.history.jobs(of: run.id)
            let lost = try #require(jobs.first { $0.jobKey == "a" })
            #expect(lost.conclusion == .failure && lost.statusReason == .queueTimeout)
            #expect(lost.failureClass == .infrastructure)
            #expect(jobs.filter { $0.jobKey != "a" }.allSatisfy { $0.status == .queued })
            func lasts(_ seconds: Int) async throws {
                try await race.backend.transaction { db in
                    _ = try db.run(
                        Update("actions_run_attempts").set("created_at", .now(plus: .seconds(-seconds)))
                            .where("run_id = \(run.id)"))
                }
            }
            try await lasts(35 * 86_400 - 60)
            #expect(try await services.runs.endOverdue(by: .system) == 0)
            try await lasts(35 * 86_400 + 1)
            #expect(try await services.runs.endOverdue(by: .system) == 1)
            let ended = try await race.backend.read { db in try RunService.run(run.id, on: db) }
            #expect(ended.conclusion == .cancelled && ended.statusReason == .runTimeout)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func cancellingCallsAndWhatWaitsForARoom(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let callee = """
                on: workflow_call
                jobs:
                  i: {runs-on: x, steps: [{run: a}]}
                  j: {needs: i, runs-on: x, steps: [{run: a}]}
                """
            let run = try await engine.create(
                """
                  m: {uses: ./.github/workflows/c.yml, strategy: {max-parallel: 1, matrix: {a: [1, 2]}}}
                  n: {needs: m, uses: ./.github/workflows/c.yml}
                  l: {runs-on: x, strategy: {max-parallel: 1, matrix: {a: [1, 2]}}, steps: [{run: a}]}
                """, called: ["c.yml": callee])
            try await engine.cancel(run)
            #expect(Set(try await engine.states(run).values) == ["cancelled"])
            #expect(try await engine.run(run.id).conclusion == .cancelled)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aLostRunnerEndsItsRunsAndNoOthers(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let callee = "on: workflow_call\njobs: {i: {runs-on: x, concurrency: g, steps: [{run: a}]}}"
            let jobs = """
                  a: {runs-on: x, strategy: {matrix: {a: [1, 2]}}, steps: [{run: a}]}
                  b: {needs: a, if: always(), runs-on: x, steps: [{run: a}]}
                  c: {uses: ./.github/workflows/c.yml}
                """
            let alive = try await Engine(engine.services, location: "/r", runner: "two")
            let other = try await alive.create(jobs, called: ["c.yml": callee])
            let run = try await engine.create(jobs, called: ["c.yml": callee])
            let lost = try await engine.claim(1)
            let kept = try await alive.claim(1)
            try await engine.services.runners.endLost(engine.runner, by: .system)
            try await engine.check()
            #expect(
                try await engine.states(run) == [
                    "a (1)": "failure", "a (2)": "cancelled", "b": "cancelled", "c": "cancelled", "c / i": "cancelled",
                ])
            #expect(try await engine.run(run.id).conclusion == .failure)
            #expect(try await engine.run(run.id).statusReason == .runnerLost)
            let error = await #expect(throws: ServiceError.self) { try await engine.complete(lost[0]) }
            #expect(error?.code == .staleAssignment)
            #expect(try await engine.run(other.id).status == .inProgress)
            try await alive.complete(kept[0])
            try await alive.finish()
            #expect(try await engine.run(other.id).conclusion == .success)
            try await engine.services.runners.endLost(engine.runner, by: .system)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunnerThatLeavesInTheMiddleLeavesNothingOpen(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(Self.jobs)
            _ = try await engine.claim(1)
            try await engine.services.runners.unregister(engine.runner.id, by: .system)
            try await engine.check()
            #expect(try await engine.run(run.id).statusReason == .runnerLost)
        }
    }
}

extension CancelTests {
    /// Only one leg runs again: it is expanded already, and its `if` holds for a cancelled run.
    @Test(arguments: TestDatabase.allCases)
    func aRunThatWaitsForItsGroupEndsWholeWhenItIsCancelled(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let jobs = """
                  a: {runs-on: x, steps: [{run: a}]}
                  m: {needs: a, if: always(), strategy: {fail-fast: false, matrix: {n: [1, 2]}}, runs-on: x, steps: [{run: a}]}
                concurrency: g
                """
            let run = try await engine.create(jobs)
            try await engine.finish(["m (1)": .failure])
            let other = try await engine.create(jobs, path: ".github/workflows/other.yml")
            _ = try await engine.claim()
            try await engine.rerun(run, .failed)
            #expect(try await engine.states(run)["m (1)"] == "run")
            try await engine.cancel(run)
            #expect(try await engine.run(run.id).conclusion == .cancelled)
            try await engine.cancel(other)
        }
    }
}
