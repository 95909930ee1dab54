import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// New attempts of a run.
@Suite struct RerunTests {
    private static let jobs = """
          plan: {runs-on: x, steps: [{run: a}]}
          test: {needs: plan, runs-on: x, strategy: {fail-fast: false, matrix: {a: [1, 2, 3]}}, steps: [{run: a}]}
          call: {needs: plan, uses: ./.github/workflows/c.yml}
          end: {needs: [test, call], runs-on: x, steps: [{run: a}]}
          lone: {runs-on: x, steps: [{run: a}]}
        """
    private static let called = [
        "c.yml": """
        on: {workflow_call: {outputs: {o: {value: "${{ jobs.i.outputs.o }}"}}}}
        jobs: {i: {runs-on: x, steps: [{run: a}]}}
        """
    ]

    @Test(arguments: TestDatabase.allCases)
    func onlyWhatFailedAndWhatDependsOnIt(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(Self.jobs, called: Self.called)
            try await engine.finish(
                ["test (2)": .failure],
                outputs: ["plan": [("x", "1")], "test (3)": [("y", "3")], "call / i": [("o", "inner")]])
            #expect(try await engine.run(run.id).conclusion == .failure)
            let again = try await engine.rerun(run, .failed)
            #expect(again.runNumber == run.runNumber && again.latestAttempt == 2 && again.conclusion == nil)
            #expect(again.triggeringActor == "hubot" && again.actor == "octocat")
            let leg = try await engine.claim()
            #expect(leg.map(\.execution.name) == ["test (2)"])
            #expect(
                leg[0].contexts["needs"]?.json(pretty: false) == #"{"plan":{"result":"success","outputs":{"x":"1"}}}"#)
            #expect(leg[0].contexts["matrix"]?.json(pretty: false) == #"{"a":2}"#)
            try await engine.complete(leg[0], .success, [("y", "2")])
            let end = try await engine.claim()
            #expect(end.map(\.execution.name) == ["end"])
            let needs = try #require(end[0].contexts["needs"]).json(pretty: false)
            #expect(needs.contains(#""test":{"result":"success","outputs":{"y":"2"}}"#), "\(needs)")
            #expect(needs.contains(#""call":{"result":"success","outputs":{"o":"inner"}}"#), "\(needs)")
            try await engine.complete(end[0])
            #expect(try await engine.run(run.id).conclusion == .success)
            #expect(try await engine.states(run, attempt: 1)["test (2)"] == "failure")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func oneJobAndWhatDependsOnIt(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(Self.jobs, called: Self.called)
            try await engine.finish(["lone": .failure])
            try await engine.rerun(run, .job("CALL"))
            #expect(try await engine.finish() == ["call / i", "end"])
            // What was carried over still counts.
            #expect(try await engine.run(run.id).conclusion == .failure)
            try await engine.rerun(run, .job("plan"))
            #expect(Set(try await engine.finish()) == ["plan", "test (1)", "test (2)", "test (3)", "call / i", "end"])
            try await engine.rerun(run, .failed)
            #expect(try await engine.finish() == ["lone"])
            #expect(try await engine.run(run.id).conclusion == .success)
            for (scope, code) in [(RerunScope.failed, ServiceError.Code.conflict), (.job("none"), .notFound)] {
                let error = await #expect(throws: ServiceError.self) { try await engine.rerun(run, scope) }
                #expect(error?.code == code)
            }
            try await engine.rerun(run, .all)
            #expect(try await engine.finish().count == 7)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aJobIsNamedByKeyOrName(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  one: {name: Build it, runs-on: x, steps: [{run: a}]}
                  two: {name: "Test ${{ github.ref_name }}", runs-on: x, steps: [{run: a}]}
                  same: {name: Twin, runs-on: x, steps: [{run: a}]}
                  other: {name: TWIN, runs-on: x, steps: [{run: a}]}
                  legs: {runs-on: x, strategy: {matrix: {a: [1, 2]}}, steps: [{run: a}]}
                  call: {uses: ./.github/workflows/c.yml}
                """, called: Self.called)
            try await engine.finish()
            for (text, expected) in [
                ("ONE", ["Build it"]), ("build it", ["Build it"]), ("test main", ["Test main"]),
                ("Legs", ["legs (1)", "legs (2)"]), ("same", ["Twin"]),
            ] {
                try await engine.rerun(run, .job(text))
                #expect(try await engine.finish() == expected, "\(text)")
            }
            for (text, code, part) in [
                ("twin", ServiceError.Code.conflict, "give the key of one, same, other"),
                ("Legs (1)", .notFound, "is one leg of job legs"), ("call / i", .notFound, "call as a whole"),
                ("call/i", .notFound, "call as a whole"),
                ("none", .notFound, "its jobs are one, two, same, other, legs, call"),
            ] {
                let error = await #expect(throws: ServiceError.self) { try await engine.rerun(run, .job(text)) }
                #expect(
                    error?.code == code && error?.message.contains(part) == true,
                    "\(text): \(String(describing: error))")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aJobThatHasNotEndedIsWaitedFor(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  one: {runs-on: x, steps: [{run: a}]}
                  two: {needs: one, runs-on: x, steps: [{run: a}]}
                  legs: {runs-on: x, strategy: {matrix: {a: [1, 2]}}, steps: [{run: a}]}
                """)
            let one = try #require(try await engine.claim(1).first)
            for (job, state) in [
                ("one", "in_progress"), ("two", "pending (needs)"), ("legs", "queued, as 1 more of its legs"),
            ] {
                let error = await #expect(throws: ServiceError.self) { try await engine.rerun(run, .job(job)) }
                #expect(error?.code == .conflict)
                #expect(
                    error?.message.hasPrefix("job \(job) has not ended, it is \(state): ") == true,
                    "\(String(describing: error))")
                #expect(error?.message.contains("`plue cancel \(run.id)`") == true)
            }
            try await engine.complete(one)
            try await engine.finish()
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func fiftyOneAttemptsAndNoMore(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let open = await #expect(throws: ServiceError.self) { try await engine.rerun(run, .all) }
            #expect(open?.code == .illegalTransition)
            try await engine.finish()
            for attempt in 2...51 {
                #expect(try await engine.rerun(run, .all).latestAttempt == Int64(attempt))
                try await engine.finish()
            }
            let error = await #expect(throws: ServiceError.self) { try await engine.rerun(run, .all) }
            #expect(error?.code == .limit)
            #expect(try await engine.rows("SELECT id FROM actions_run_attempts").count == 51)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aCancelledRunRunsAgainAsAWhole(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(Self.jobs, called: Self.called)
            try await engine.cancel(run)
            try await engine.rerun(run, .failed)
            #expect(try await engine.finish().count == 7)
            #expect(try await engine.run(run.id).conclusion == .success)
            #expect(try await engine.run(run.id).statusReason == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func chosenJobsStayChosen(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                Self.jobs, called: Self.called, selection: RunSelection(jobs: ["Test"], matrix: ["a": ["2", "3"]]))
            #expect(try await engine.finish(["test (3)": .failure]) == ["plan", "test (2)", "test (3)"])
            try await engine.rerun(run, .all)
            #expect(try await engine.finish() == ["plan", "test (2)", "test (3)"])
        }
    }

    // MARK: While others still run

    private static let open = """
          bad: {runs-on: x, steps: [{run: a}]}
          legs: {runs-on: x, strategy: {fail-fast: false, max-parallel: 2, matrix: {a: [1, 2, 3]}}, steps: [{run: a}]}
          call: {uses: ./.github/workflows/c.yml}
          after: {needs: bad, runs-on: x, steps: [{run: a}]}
          end: {needs: [bad, legs, call, after], if: always(), runs-on: x, steps: [{run: a}]}
        """

    @Test(arguments: TestDatabase.allCases)
    func aFailedJobRunsAgainWhileOthersGoOn(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(Self.open, called: Self.called)
            let taken = try await engine.claim()
            let byName = Dictionary(uniqueKeysWithValues: taken.map { ($0.execution.name, $0) })
            let (bad, leg) = (try #require(byName["bad"]), try #require(byName["legs (1)"]))
            try await engine.complete(leg)
            try await engine.complete(bad, .failure)
            #expect(try await engine.states(run)["after"] == "skipped")
            let before = try await engine.services.history.jobs(of: run.id, attempt: 1)
            for scope in [RerunScope.all, .job("legs"), .job("end")] {
                await #expect(throws: ServiceError.self) { try await engine.rerun(run, scope) }
            }
            let again = try await engine.rerun(run, .failed)
            #expect(again.latestAttempt == 2 && again.status == .inProgress)
            #expect(try await engine.states(run, attempt: 1) == ["bad": "failure", "after": "skipped"])
            let states = try await engine.states(run)
            #expect(states["bad"] == "queued" && states["after"] == "needs" && states["end"] == "needs")
            #expect(states["legs (1)"] == "success" && states["legs (2)"] == "in_progress")
            // Claims of the first attempt go on.
            for name in ["legs (2)", "call / i"] { try await engine.complete(try #require(byName[name])) }
            #expect(try await engine.finish() == ["legs (3)", "bad", "after", "end"])
            #expect(try await engine.run(run.id).conclusion == .success)
            let attempts = try await engine.rows(
                "SELECT attempt, conclusion FROM actions_run_attempts ORDER BY attempt")
            let conclusions = try attempts.map { row in try row["conclusion"] as String }
            #expect(conclusions == ["failure", "success"])
            // Nothing of what had ended was changed.
            for job in try await engine.services.history.jobs(of: run.id, attempt: 1) {
                let old = try #require(before.first { $0.id == job.id })
                #expect(old.completedAt == job.completedAt && old.conclusion == job.conclusion)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatAlreadyUsedTheResultIsWaitedFor(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  bad: {runs-on: x, steps: [{run: a}]}
                  tell: {needs: bad, if: always(), runs-on: x, steps: [{run: a}]}
                """)
            try await engine.complete(try #require(try await engine.claim(1).first), .failure)
            let tell = try await engine.claim()
            await #expect(throws: ServiceError.self) { try await engine.rerun(run, .failed) }
            try await engine.complete(tell[0])
            try await engine.rerun(run, .failed)
            #expect(try await engine.finish() == ["bad", "tell"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunThatIsBeingCancelledIsNotRunAgain(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(Self.open, called: Self.called)
            let taken = try await engine.claim()
            try await engine.complete(try #require(taken.first { $0.execution.name == "bad" }), .failure)
            try await engine.cancel(run)
            await #expect(throws: ServiceError.self) { try await engine.rerun(run, .failed) }
            for message in taken where message.execution.name != "bad" {
                try await engine.complete(message, .cancelled)
            }
            try await engine.finish()
            #expect(try await engine.run(run.id).conclusion == .cancelled)
        }
    }
}
