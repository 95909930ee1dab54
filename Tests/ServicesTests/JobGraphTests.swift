import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// What runs after what: needs, conditions, matrices.
@Suite struct JobGraphTests {
    @Test(arguments: TestDatabase.allCases)
    func runNumbersCountPerWorkflowWhoeverCreates(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<40 {
                    group.addTask {
                        try await engine.create(
                            "  a: {runs-on: x, steps: [{run: a}]}", path: ".github/workflows/\(index % 2).yml")
                    }
                }
                try await group.waitForAll()
            }
            for filename in ["0", "1"] {
                let numbers = try await engine.rows(
                    """
                    SELECT r.run_number AS n FROM actions_workflow_runs r JOIN actions_workflows w ON w.id = r.workflow_id
                    WHERE w.filename = '.github/workflows/\(filename).yml' ORDER BY 1
                    """
                ).map { try $0["n"] as Int64 }
                #expect(numbers == Array(1...20))
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func chainsAndDiamonds(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  a: {runs-on: x, steps: [{run: a}]}
                  b: {needs: a, runs-on: x, steps: [{run: a}]}
                  c: {needs: a, runs-on: x, steps: [{run: a}]}
                  d: {needs: [b, c], runs-on: x, steps: [{run: a}]}
                """)
            #expect(run.status == .queued)
            let first = try await engine.claim()
            #expect(first.map(\.execution.name) == ["a"])
            #expect(try await engine.run(run.id).status == .inProgress)
            try await engine.complete(first[0])
            let middle = try await engine.claim()
            #expect(middle.map(\.execution.name) == ["b", "c"])
            try await engine.complete(middle[1])
            #expect(try await engine.claim().isEmpty)
            try await engine.complete(middle[0])
            #expect(try await engine.finish() == ["d"])
            #expect(try await engine.run(run.id).conclusion == .success)
        }
    }

    /// What each job says, after `a` ended so.
    @Test(arguments: [
        (JobConclusion.failure, ["b": "skipped", "c": "success", "d": "success", "e": "success", "f": "skipped"]),
        (.success, ["b": "success", "c": "success", "d": "skipped", "e": "skipped", "f": "skipped"]),
        (.cancelled, ["b": "skipped", "c": "success", "d": "skipped", "e": "skipped", "f": "skipped"]),
    ])
    func conditionsSeeAllJobsBefore(_ conclusion: JobConclusion, _ expected: [String: String]) async throws {
        for database in TestDatabase.allCases {
            try await Engine.with(database) { engine in
                let run = try await engine.create(
                    """
                      a: {runs-on: x, steps: [{run: a}]}
                      b: {needs: a, runs-on: x, steps: [{run: a}]}
                      c: {needs: b, if: always(), runs-on: x, steps: [{run: a}]}
                      d: {needs: b, if: failure(), runs-on: x, steps: [{run: a}]}
                      e: {needs: a, if: needs.a.result == 'failure' && failure('a'), runs-on: x, steps: [{run: a}]}
                      f: {needs: a, if: cancelled(), runs-on: x, steps: [{run: a}]}
                    """)
                try await engine.finish(["a": conclusion])
                var states = try await engine.states(run)
                states["a"] = nil
                #expect(states == expected)
                let word: RunConclusion =
                    conclusion == .success ? .success : conclusion == .failure ? .failure : .cancelled
                #expect(try await engine.run(run.id).conclusion == word)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aJobThatCannotBeEvaluatedFailsAndBlocksNothing(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  ok: {runs-on: x, steps: [{run: a}]}
                  badif: {if: "fromJSON('{') == 1", runs-on: x, steps: [{run: a}]}
                  badmatrix: {runs-on: x, strategy: {matrix: {a: "${{ fromJSON('[') }}"}}, steps: [{run: a}]}
                  empty: {runs-on: x, strategy: {matrix: "${{ fromJSON('{\\"a\\":[]}') }}"}, steps: [{run: a}]}
                  nolabel: {runs-on: "${{ vars.nothing }}", steps: [{run: a}]}
                  parallel: {runs-on: x, strategy: {max-parallel: "${{ fromJSON('0') }}", matrix: {a: [1]}}, steps: [{run: a}]}
                  after: {needs: [badif, badmatrix], if: always(), runs-on: x, steps: [{run: a}]}
                """)
            try await engine.finish()
            let states = try await engine.states(run)
            for name in ["badif", "badmatrix", "empty", "nolabel", "parallel"] {
                #expect(states[name] == "failure", "\(name)")
                let job = try await engine.job(name, of: run)
                #expect(job.statusReason == .expressionError)
                #expect(job.statusMessage?.hasPrefix(".github/workflows/ci.yml:") == true, "\(job.statusMessage ?? "")")
            }
            #expect(states["after"] == "success" && states["ok"] == "success")
            #expect(try await engine.run(run.id).conclusion == .failure)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunWhoseTitleOrGroupCannotBeEvaluatedIsRefused(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            for key in ["run-name: ${{ fromJSON('{') }}", "concurrency: ${{ fromJSON('{') }}"] {
                let error = await #expect(throws: ServiceError.self) {
                    try await engine.create("on: push\n\(key)\njobs: {a: {runs-on: x, steps: [{run: a}]}}")
                }
                #expect(error?.code == .invalidWorkflow)
                #expect(error?.subject.hasPrefix(".github/workflows/ci.yml:2:") == true)
            }
            let runs = try await engine.rows("SELECT id FROM actions_workflow_runs")
            #expect(runs.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aMatrixFromOutputs(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  plan: {runs-on: x, steps: [{run: a}]}
                  test:
                    needs: plan
                    runs-on: x
                    strategy: {matrix: {os: "${{ fromJSON(needs.plan.outputs.os) }}", v: [1, 2], exclude: [{os: b, v: 2}], include: [{os: a, v: 1, more: y}, {os: z}]}}
                    steps: [{run: a}]
                  end: {needs: test, runs-on: x, steps: [{run: a}]}
                """)
            let order = try await engine.finish(outputs: ["plan": [("os", "[\"a\", \"b\"]")]])
            #expect(order == ["plan", "test (a, 1, y)", "test (a, 2)", "test (b, 1)", "test (z)", "end"])
            #expect(try await engine.run(run.id).conclusion == .success)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func outputsOfLegsMergeTheLastNonEmptyWins(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await engine.create(
                """
                  m: {runs-on: x, strategy: {matrix: {a: [1, 2, 3]}}, steps: [{run: a}]}
                  end: {needs: m, runs-on: x, steps: [{run: a}]}
                """)
            let legs = try await engine.claim()
            try await engine.complete(legs[2], .success, [("x", "three"), ("y", "")])
            try await engine.complete(legs[0], .success, [("x", "one"), ("y", "why")])
            try await engine.complete(legs[1], .success, [("x", ""), ("y", "")])
            let end = try await engine.claim()
            let needs = end[0].contexts["needs"]?.json(pretty: false)
            #expect(needs == #"{"m":{"result":"success","outputs":{"x":"one","y":"why"}}}"#)
            try await engine.complete(end[0])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func failFastCancelsWhatIsQueuedAndAsksWhatRuns(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  m: {runs-on: x, strategy: {max-parallel: 3, matrix: {a: [1, 2, 3, 4, 5]}}, steps: [{run: a}]}
                """)
            let legs = try await engine.claim(2)
            try await engine.complete(legs[0], .failure)
            let states = try await engine.states(run)
            #expect(
                states == [
                    "m (1)": "failure", "m (2)": "in_progress", "m (3)": "cancelled", "m (4)": "cancelled",
                    "m (5)": "cancelled",
                ])
            #expect(try await engine.services.runners.cancelRequests(among: legs.map(\.execution.id)).count == 1)
            // Those that waited were never let in.
            let queued = try await engine.rows(
                "SELECT id FROM actions_transitions WHERE object = 'job' AND to_state = 'queued'")
            #expect(queued.count == 3)
            try await engine.complete(legs[1], .cancelled)
            #expect(try await engine.job("m (2)", of: run).statusReason == .failFast)
            #expect(try await engine.run(run.id).conclusion == .failure)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func withoutFailFastAllLegsRun(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  m: {runs-on: x, strategy: {fail-fast: false, max-parallel: 1, matrix: {a: [1, 2, 3]}}, steps: [{run: a}]}
                  end: {needs: m, runs-on: x, steps: [{run: a}]}
                """)
            #expect(try await engine.finish(["m (2)": .failure]) == ["m (1)", "m (2)", "m (3)"])
            #expect(try await engine.states(run)["end"] == "skipped")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func maxParallelIsAHardBound(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await engine.create(
                """
                  m: {runs-on: x, strategy: {max-parallel: 2, matrix: {a: [1, 2, 3, 4, 5, 6]}}, steps: [{run: a}]}
                """)
            var most = 0
            var taken = try await engine.claim()
            while !taken.isEmpty {
                most = max(most, taken.count)
                try await engine.complete(taken.removeFirst())
                taken += try await engine.claim()
            }
            #expect(most == 2)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aFailureThatIsAllowedCountsAsSuccess(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  a: {runs-on: x, continue-on-error: true, steps: [{run: a}]}
                  m: {runs-on: x, continue-on-error: "${{ matrix.a == 1 }}", strategy: {matrix: {a: [1, 2]}}, steps: [{run: a}]}
                  end: {needs: [a, m], runs-on: x, steps: [{run: a}]}
                """)
            try await engine.finish(["a": .failure, "m (1)": .failure])
            #expect(
                try await engine.states(run) == [
                    "a": "failure", "m (1)": "failure", "m (2)": "success", "end": "success",
                ])
            #expect(try await engine.run(run.id).conclusion == .success)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aMatrixOf256LegsIsCancelledAtOnce(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let list = (1...256).map(String.init).joined(separator: ", ")
            let run = try await engine.create(
                "  m: {runs-on: x, strategy: {max-parallel: 1, matrix: {a: [\(list)]}}, steps: [{run: a}]}")
            try await engine.cancel(run)
            #expect(try await engine.run(run.id).conclusion == .cancelled)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func jobsOfAnotherSystemAreSkippedWithTheReason(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  m: {runs-on: "${{ matrix.os }}", strategy: {max-parallel: 1, matrix: {os: [ubuntu-latest, windows-latest, macos-14]}}, steps: [{run: a}]}
                """)
            while let leg = try await engine.claim().first {
                try await engine.services.runners.complete(
                    leg.assignment.token, .success, outputs: [], by: Engine.principal)
            }
            #expect(
                try await engine.states(run) == [
                    "m (ubuntu-latest)": "success", "m (windows-latest)": "skipped", "m (macos-14)": "success",
                ])
        }
    }
}
