import Model
import Testing

@testable import PlueActions

@Suite struct JobQueueTests {
    @Test("7. queues jobs from a definition", arguments: ActionsDatabase.allCases)
    func queuesJobsFromADefinition(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let run = try await platform.run(try await platform.workflow(), expanding: false)
            #expect(try await platform.actions.getQueuedJobs(run.id, by: Platform.user).isEmpty)
            let fragment = try Workflow.parse(
                yaml: """
                    jobs:
                      build: {runs-on: x, steps: [{run: a}]}
                      test: {needs: build, runs-on: x, steps: [{run: a}]}
                    """, requiringTriggers: false)
            let made = try await platform.actions.queueWorkflowJobs(run.id, fragment, by: Platform.user)
            #expect(made.map(\.status) == [.queued, .pending])
            let listed = try await platform.actions.getQueuedJobs(run.id, by: Platform.user)
            #expect(listed.map(\.jobID) == ["build", "test"] && listed.map(\.status) == [.queued, .pending])
            #expect(
                await Platform.code {
                    try await platform.actions.queueWorkflowJobs(run.id, fragment, by: Platform.user)
                } == .conflict)
            // The workflow's own version stays the current one.
            let current = try await platform.actions.getWorkflow(run.workflowID, by: Platform.user)
            #expect(current.yamlContent == Platform.ci)
            #expect(try await platform.finish(try await platform.runner()) == ["build", "test"])
            #expect(try await platform.get(run).conclusion == .success)
            #expect(
                await Platform.code {
                    try await platform.actions.queueWorkflowJobs(run.id, fragment, by: Platform.user)
                } == .illegalTransition)
        }
    }

    @Test("7. a run whose jobs are still to come may be cancelled", arguments: ActionsDatabase.allCases)
    func emptyRuns(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let run = try await platform.run(try await platform.workflow(), expanding: false)
            #expect(try await platform.get(run).status == .queued)
            #expect(
                try await platform.actions.cancelWorkflowRun(run.id, by: Platform.user).conclusion == .cancelled)
            // With a group: it waits, and does not end when its turn comes.
            let grouped = try await platform.workflow("concurrency: g\n" + Platform.ci)
            let first = try await platform.run(grouped, expanding: false)
            let second = try await platform.run(grouped, expanding: false)
            try await platform.actions.cancelWorkflowRun(first.id, by: Platform.user)
            #expect(try await platform.get(second).status == .queued)
            try await platform.actions.queueJob(
                second.id, Job(id: "a", runsOn: "x", steps: [JobStep(run: "a")]), by: Platform.user)
            #expect(try await platform.finish(try await platform.runner()) == ["a"])
            #expect(try await platform.get(second).conclusion == .success)
        }
    }

    @Test("8. dependency chains", arguments: ActionsDatabase.allCases)
    func dependencyChains(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let runner = try await platform.runner()
            let diamond = """
                  a: {runs-on: x, steps: [{run: a}]}
                  b: {needs: a, runs-on: x, steps: [{run: a}]}
                  c: {needs: a, runs-on: x, strategy: {fail-fast: false, matrix: {n: [1, 2]}}, steps: [{run: a}]}
                  d: {needs: [b, c], runs-on: x, steps: [{run: a}]}
                  e: {needs: d, if: always(), runs-on: x, steps: [{run: a}]}
                """
            let good = try await platform.run(jobs: diamond)
            let order = try await platform.finish(runner)
            #expect(order.first == "a" && order.suffix(2) == ["d", "e"] && order.count == 6)
            #expect(try await platform.get(good).conclusion == .success)
            let bad = try await platform.run(jobs: diamond)
            try await platform.finish(runner, ["c (2)": .failure])
            #expect(
                try await platform.states(bad) == [
                    "a": "success", "b": "success", "c (1)": "success", "c (2)": "failure", "d": "skipped",
                    "e": "success",
                ])
            #expect(try await platform.get(bad).conclusion == .failure)
        }
    }

    @Test("8. jobs that are queued one by one may need each other", arguments: ActionsDatabase.allCases)
    func jobsQueuedOneByOne(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let runner = try await platform.runner()
            let run = try await platform.run(try await platform.workflow(), expanding: false)
            func queue(_ id: String, needs: [String] = [], if condition: String? = nil) async throws -> JobExecution {
                let job = Job(
                    id: id, runsOn: "x", needs: needs, ifCondition: condition, steps: [JobStep(run: "echo \"\(id)\"")])
                return try #require(
                    try await platform.actions.queueJob(run.id, job, by: Platform.user).first)
            }
            #expect(try await queue("build").status == .queued)
            #expect(try await queue("test", needs: ["BUILD"]).status == .pending)
            #expect(try await queue("report", needs: ["build", "test"], if: "failure()").status == .pending)
            #expect(
                await Platform.code { _ = try await queue("x", needs: ["nowhere"]) } == .invalidWorkflow)
            let taken = try await platform.claim(runner)
            #expect(taken.map(\.execution.jobID) == ["build"])
            try await platform.complete(taken[0])
            // What it needs has ended already.
            #expect(try await queue("late", needs: ["build"]).status == .queued)
            #expect(
                try await queue("never", needs: ["build"], if: "needs.build.result == 'failure'").status == .completed)
            try await platform.finish(runner, ["test": .failure])
            #expect(
                try await platform.states(run) == [
                    "build": "success", "test": "failure", "report": "success", "late": "success", "never": "skipped",
                ])
        }
    }
}
