import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// Concurrency groups of runs and of jobs.
@Suite struct ConcurrencyTests {
    private static func workflow(_ group: String) -> String {
        "on: push\nconcurrency: \(group)\njobs:\n  a: {runs-on: x, steps: [{run: a}]}\n"
            + "  b: {needs: a, if: always(), runs-on: x, steps: [{run: a}]}\n"
    }

    @Test(arguments: TestDatabase.allCases)
    func oneRunRunsOneWaitsNewerSupersedes(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let first = try await engine.create(Self.workflow("Group"))
            let second = try await engine.create(Self.workflow("gROUP"))
            let third = try await engine.create(Self.workflow("group"))
            #expect(second.hold == .pending)
            let superseded = try await engine.run(second.id)
            #expect(superseded.conclusion == .cancelled && superseded.statusReason == .superseded)
            let by = try await engine.rows("SELECT superseded_by FROM actions_workflow_runs WHERE id = \(second.id)")
            let newer = try by[0]["superseded_by"] as Int64?
            #expect(newer == third.id.rawValue)
            #expect(try await engine.run(third.id).hold == .pending)
            #expect(try await engine.states(third) == ["a": "run", "b": "run"])
            #expect(try await engine.finish() == ["a", "b", "a", "b"])
            #expect(try await engine.run(first.id).conclusion == .success)
            #expect(try await engine.run(third.id).conclusion == .success)
        }
    }

    /// In which state the run that is to go is: nothing of it started, a job runs.
    @Test(arguments: TestDatabase.allCases, [false, true])
    func aNewerRunCancelsTheOneInProgress(_ database: TestDatabase, _ isStarted: Bool) async throws {
        try await Engine.with(database) { engine in
            let text = Self.workflow("{group: g, cancel-in-progress: true}")
            let first = try await engine.create(text)
            let taken = isStarted ? try await engine.claim() : []
            let second = try await engine.create(text)
            if let job = taken.first {
                #expect(try await engine.run(second.id).hold == .pending)
                try await engine.complete(job, .cancelled)
            }
            // always() jobs of the one that goes still run.
            let order = try await engine.finish()
            #expect(order == ["b", "a", "b"])
            #expect(try await engine.run(first.id).conclusion == .cancelled)
            #expect(try await engine.run(first.id).statusReason == .superseded)
            #expect(try await engine.run(second.id).conclusion == .success)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunThatIsCancelledBeforeItBeganFreesItsGroupAtOnce(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let text = """
                on: push
                concurrency: {group: g, cancel-in-progress: true}
                jobs: {a: {runs-on: x, steps: [{run: a}]}}
                """
            let first = try await engine.create(text)
            let second = try await engine.create(text)
            #expect(try await engine.run(first.id).conclusion == .cancelled)
            #expect(second.status == .queued && second.hold == nil)
            #expect(try await engine.finish() == ["a"])
            #expect(try await engine.run(second.id).conclusion == .success)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aJobCancelsTheQueuedHolderOfItsGroup(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let text = "  a: {runs-on: x, concurrency: {group: g, cancel-in-progress: true}, steps: [{run: a}]}"
            let first = try await engine.create(text)
            let second = try await engine.create(text)
            #expect(try await engine.states(first) == ["a": "cancelled"])
            #expect(try await engine.job("a", of: first).statusReason == .superseded)
            #expect(try await engine.states(second) == ["a": "queued"])
            try await engine.finish()
            #expect(try await engine.run(first.id).conclusion == .cancelled)
            #expect(try await engine.run(second.id).conclusion == .success)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func legsOfOneMatrixInOneGroup(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  m: {runs-on: x, concurrency: g, strategy: {fail-fast: false, max-parallel: 3, matrix: {a: [1, 2, 3, 4, 5]}}, steps: [{run: a}]}
                """)
            // One runs, one waits: a newer one takes the place of the one that waits.
            #expect(try await engine.finish() == ["m (1)", "m (5)"])
            #expect(try await engine.run(run.id).conclusion == .cancelled)
            let queue = try await engine.create(
                """
                  m: {runs-on: x, concurrency: {group: g, queue: max}, strategy: {max-parallel: 3, matrix: {a: [1, 2, 3, 4, 5]}}, steps: [{run: a}]}
                """)
            #expect(try await engine.finish() == (1...5).map { "m (\($0))" })
            #expect(try await engine.run(queue.id).conclusion == .success)
            let cancelling = try await engine.create(
                """
                  m: {runs-on: x, concurrency: {group: g, cancel-in-progress: true}, strategy: {max-parallel: 2, matrix: {a: [1, 2, 3, 4, 5]}}, steps: [{run: a}]}
                """)
            #expect(try await engine.finish() == ["m (5)"])
            #expect(try await engine.run(cancelling.id).conclusion == .cancelled)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aGroupGoesAcrossRunsAndWorkflowsButNotRepositories(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let text = "  a: {runs-on: x, concurrency: Deploy, steps: [{run: a}]}"
            let one = try await engine.create(text)
            let two = try await engine.create(
                "  b: {runs-on: x, concurrency: DEPLOY, steps: [{run: a}]}", path: ".github/workflows/other.yml")
            let other = try await Engine(engine.services, location: "/elsewhere", runner: "two")
            try await other.create(text)
            #expect(try await other.finish() == ["a"])
            #expect(try await engine.states(two) == ["b": "concurrency"])
            #expect(try await engine.finish() == ["a", "b"])
            #expect(try await engine.run(one.id).conclusion == .success)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatWaitsForItsOwnRunOrCallIsCancelledInsteadOfWaitingForEver(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let called = [
                "c.yml": "on: workflow_call\njobs:\n  i: {runs-on: x, concurrency: K, steps: [{run: a}]}\n"
            ]
            let run = try await engine.create(
                "on: push\nconcurrency: k\njobs:\n  a: {runs-on: x, concurrency: K, steps: [{run: a}]}\n")
            #expect(try await engine.job("a", of: run).statusReason == .concurrencyDeadlock)
            #expect(try await engine.run(run.id).conclusion == .cancelled)
            let call = try await engine.create(
                "  a: {uses: ./.github/workflows/c.yml, concurrency: k}", called: called)
            #expect(try await engine.states(call) == ["a": "cancelled", "a / i": "cancelled"])
            #expect(try await engine.finish().isEmpty)
            #expect(try await engine.run(call.id).conclusion == .cancelled)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func twoRunsThatWaitForEachOtherAreFound(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            func text(_ own: String, _ other: String) -> String {
                """
                on: push
                concurrency: \(own)
                jobs:
                  a: {runs-on: x, steps: [{run: a}]}
                  b: {needs: a, runs-on: x, concurrency: \(other), steps: [{run: a}]}
                """
            }
            let one = try await engine.create(text("g", "h"))
            let two = try await engine.create(text("h", "g"))
            #expect(try await engine.finish() == ["a", "a", "b"])
            #expect(try await engine.run(one.id).conclusion == .success)
            #expect(try await engine.job("b", of: two).statusReason == .concurrencyDeadlock)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func theGroupOfACalledWorkflowIsThatOfTheCall(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let called = [
                "r.yml": """
                on: {workflow_call: {inputs: {to: {type: string}}}}
                concurrency: deploy-${{ inputs.to }}
                jobs: {d: {runs-on: x, steps: [{run: a}]}}
                """
            ]
            let text = "  c: {uses: ./.github/workflows/r.yml, with: {to: live}}"
            let first = try await engine.create(text, called: called)
            let second = try await engine.create(text, called: called)
            #expect(try await engine.states(first) == ["c": "in_progress", "c / d": "queued"])
            #expect(try await engine.job("c", of: second).hold == .concurrency)
            try await engine.finish()
            #expect(try await engine.run(first.id).conclusion == .success)
            #expect(try await engine.run(second.id).conclusion == .success)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func queueMaxKeepsAHundred(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            var runs: [WorkflowRun] = []
            for _ in 0..<103 {
                runs.append(
                    try await engine.services.runs.create(
                        RunRequest(
                            repository: engine.repository,
                            source: try Engine.source(
                                "on: push\nconcurrency: {group: g, queue: max}\njobs: {a: {runs-on: x, steps: [{run: a}]}}"
                            ),
                            called: [], event: "push", payload: "{}", headBranch: nil, headRef: "refs/heads/main",
                            headSHA: "", isDirty: false, actor: "o", runner: engine.runner.id),
                        by: Engine.principal))
            }
            try await engine.check()
            let gone = try await engine.rows(
                "SELECT id FROM actions_workflow_runs WHERE conclusion = 'cancelled' ORDER BY id")
            let ids = try gone.map { try $0["id"] as Int64 }
            #expect(ids == [runs[1].id.rawValue, runs[2].id.rawValue])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunThatWaitsMayBeCancelledAndRunAgain(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let text = """
                on: push
                concurrency: g
                jobs:
                  m: {runs-on: x, strategy: {fail-fast: false, matrix: {a: [1, 2]}}, steps: [{run: a}]}
                  end: {needs: m, runs-on: x, steps: [{run: a}]}
                """
            let first = try await engine.create(text)
            try await engine.finish(["m (2)": .failure])
            let holder = try await engine.create(text)
            let waiting = try await engine.create(text)
            try await engine.cancel(waiting)
            #expect(try await engine.run(waiting.id).conclusion == .cancelled)
            // A re-run waits for the group like any other, also with legs that are carried over.
            try await engine.rerun(first, .failed)
            #expect(try await engine.run(first.id).hold == .pending)
            #expect(try await engine.finish() == ["m (1)", "m (2)", "end", "m (2)", "end"])
            #expect(try await engine.run(first.id).conclusion == .success)
            #expect(try await engine.run(holder.id).conclusion == .success)
        }
    }

    /// Found by `plue bench simulate`, seed 10057.
    @Test(arguments: TestDatabase.allCases)
    func aRunThatWaitsReleasesNothingWhenAJobOfItIsCancelled(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let text = """
                on: push
                concurrency: g
                jobs:
                  a: {runs-on: x, steps: [{run: a}]}
                  b: {runs-on: x, needs: a, if: always(), steps: [{run: a}]}
                """
            try await engine.create(text)
            let waiting = try await engine.create(text)
            _ = try await engine.services.queue.update(
                try await engine.job("a", of: waiting).id, to: .cancelled, runner: nil, by: Engine.principal)
            try await engine.check()
            #expect(try await engine.states(waiting) == ["a": "cancelled", "b": "run"])
            #expect(try await engine.finish() == ["a", "b", "b"])
            #expect(try await engine.run(waiting.id).conclusion == .cancelled)
        }
    }
}
