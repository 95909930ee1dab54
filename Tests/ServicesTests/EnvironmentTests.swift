import Model
import QueryBuilder
import Storage
import Testing

@testable import Services

/// Jobs before the rules of their environments.
@Suite struct EnvironmentTests {
    private static let alice = Principal(.user, "Alice")
    private static let jobs = """
          build: {runs-on: x, steps: [{run: b}]}
          deploy: {needs: build, environment: Production, runs-on: x, steps: [{run: d}]}
          tell: {needs: deploy, runs-on: x, steps: [{run: t}]}
        """

    private static func set(
        _ engine: Engine, _ rules: EnvironmentRules, of name: String = "production"
    ) async throws {
        try await engine.services.environments.set(name, in: engine.repository.id, by: Engine.principal) { $0 = rules }
        try await engine.check()
    }

    private static func review(
        _ engine: Engine, _ run: WorkflowRun, _ verdict: GateReview.Verdict = .approved, _ names: [String]? = nil,
        by principal: Principal = alice
    ) async throws -> Int {
        let count = try await engine.services.environments.review(
            run.id, verdict, environments: names, comment: "because", by: principal)
        try await engine.check()
        return count
    }

    private static func code(_ body: () async throws -> Void) async -> ServiceError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ServiceError)?.code
        }
    }

    private static func reason(_ engine: Engine, _ name: String, of run: WorkflowRun) async throws -> WaitReason? {
        try await engine.services.queue.explain(run: run.id, by: Engine.principal).first { $0.job.name == name }?.reason
    }

    private static func actions(_ engine: Engine) async throws -> [String] {
        try await engine.rows("SELECT action, outcome FROM actions_audit_log ORDER BY id")
            .map { row in "\(try row["action"] as String) \(try row["outcome"] as String)" }
    }

    // MARK: Reviewers

    @Test(arguments: TestDatabase.allCases)
    func aJobWaitsForAnyOneOfItsReviewers(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await Self.set(engine, EnvironmentRules(reviewers: ["bob", "alice"]))
            let run = try await engine.create(Self.jobs)
            #expect(try await engine.finish() == ["build"])
            #expect(try await engine.states(run)["deploy"] == "gate")
            let waits = WaitReason.gate(environment: "Production", reviewers: ["alice", "bob"], until: nil)
            #expect(try await Self.reason(engine, "deploy", of: run) == waits)
            let stranger = await Self.code { _ = try await Self.review(engine, run, by: Principal(.user, "mallory")) }
            let machine = await Self.code { _ = try await Self.review(engine, run, by: Principal(.runner, "alice")) }
            let elsewhere = await Self.code { _ = try await Self.review(engine, run, .approved, ["staging"]) }
            #expect(stranger == .forbidden && machine == .forbidden && elsewhere == .conflict)
            #expect(try await engine.states(run)["deploy"] == "gate")
            #expect(try await Self.review(engine, run) == 1)
            let again = await Self.code { _ = try await Self.review(engine, run) }
            #expect(again == .conflict)
            #expect(try await engine.finish() == ["deploy", "tell"])
            #expect(try await engine.run(run.id).conclusion == .success)
            let said = try await engine.services.environments.reviews(of: run.id, by: Engine.principal)
            #expect(said.map(\.reviewer) == ["Alice"] && said.map(\.comment) == ["because"])
            let actions = try await Self.actions(engine)
            // Who is no reviewer, and who may never be one.
            #expect(actions.count { $0 == "run.approve denied" } == 1)
            #expect(actions.count { $0 == "auth.denied denied" } == 1)
            #expect(actions.contains("environment.create success") && actions.contains("job.approve success"))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRejectedJobFailsAndWhatNeedsItIsSkipped(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await Self.set(engine, EnvironmentRules(reviewers: ["alice"]))
            let run = try await engine.create(Self.jobs)
            try await engine.finish()
            #expect(try await Self.review(engine, run, .rejected, ["PRODUCTION"]) == 1)
            #expect(try await engine.finish() == [])
            #expect(try await engine.states(run) == ["build": "success", "deploy": "failure", "tell": "skipped"])
            let deploy = try await engine.job("deploy", of: run)
            #expect(deploy.statusReason == .reviewRejected)
            #expect(deploy.statusMessage == "Alice rejected it for environment production: because")
            #expect(try await engine.run(run.id).conclusion == .failure)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whoStartedTheRunDoesNotApproveItWhereThatIsForbidden(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await Self.set(engine, EnvironmentRules(reviewers: ["Octocat"], preventsSelfReview: true))
            let run = try await engine.create(Self.jobs)
            try await engine.finish()
            let own = await Self.code { _ = try await Self.review(engine, run, by: Engine.principal) }
            #expect(own == .forbidden)
            // The next attempt is started by hubot.
            try await engine.cancel(run)
            try await engine.rerun(run, .all)
            try await engine.finish()
            #expect(try await Self.review(engine, run, by: Engine.principal) == 1)
            #expect(try await engine.finish() == ["deploy", "tell"])
        }
    }

    /// Neither under another name, nor by a job: whoever starts the run of that job has started what it starts.
    @Test(arguments: TestDatabase.allCases)
    func noOtherNameHelpsWhoStartedTheRun(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let octocat = Engine.principal
            try await Self.set(
                engine, EnvironmentRules(reviewers: ["octocat", "mona"], preventsSelfReview: true))
            func isRefused(_ run: WorkflowRun) async throws -> Bool {
                try await engine.finish()
                return await Self.code { _ = try await Self.review(engine, run, by: octocat) } == .forbidden
            }
            func again(_ run: WorkflowRun, actor: String, by principal: Principal) async throws -> WorkflowRun {
                try await engine.cancel(run)
                return try await services.runs.rerun(
                    run.id, .all, runner: engine.runner.id, actor: actor, by: principal)
            }
            let run = try await engine.create(Self.jobs)
            #expect(try await isRefused(run))
            #expect(try await isRefused(again(run, actor: "evil", by: octocat)))
            #expect(try await !isRefused(again(run, actor: "hubot", by: Principal(.user, "hubot"))))
            // A run that octocat has started runs octocat's again and starts another one, which does so once more.
            let registered = try await services.runners.register(
                RunnerRegistration(name: "far", labels: ["x"]), by: octocat)
            _ = try await services.runners.updateStatus(registered.id, .online, by: octocat)
            let far = Principal(.runner, "far")
            let text =
                "on: workflow_dispatch\njobs: {a: {runs-on: x, permissions: {actions: write}, steps: [{run: a}]}}\n"
            func start(by principal: Principal) async throws {
                _ = try await services.runs.create(
                    RunRequest(
                        repository: engine.repository, source: try Engine.source(text, path: "d.yml"), called: [],
                        event: "workflow_dispatch", payload: "{}", headBranch: "main", headRef: "refs/heads/main",
                        headSHA: String(repeating: "0", count: 40), isDirty: false, actor: principal.actor,
                        runner: nil), by: principal)
            }
            try await start(by: octocat)
            for _ in 0..<2 {
                try await engine.cancel(run)
                let message = try #require(try await services.queue.claim(registered.id, limit: 1, by: far).first)
                let token = try await services.tokens.principal(
                    for: services.tokens.issue(for: message.assignment.token, by: far))
                try await start(by: token)
                _ = try await services.runs.rerun(run.id, .all, runner: nil, actor: token.actor, by: token)
                try await services.runners.complete(message.assignment.token, .success, by: far)
            }
            while let message = try await services.queue.claim(registered.id, limit: 1, by: far).first {
                try await services.runners.complete(message.assignment.token, .success, by: far)
            }
            let names = try await engine.rows("SELECT requested_by FROM actions_run_attempts ORDER BY id")
                .map { row in try row["requested_by"] as String? }
            #expect(names == [nil, "octocat", nil, nil, "octocat", "octocat", "octocat", "octocat"])
            #expect(try await isRefused(engine.run(run.id)))
            #expect(try await Self.review(engine, run, by: Principal(.user, "mona")) == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func oneWordIsForAllEnvironmentsOfTheReviewer(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await Self.set(engine, EnvironmentRules(reviewers: ["alice"]), of: "a")
            try await Self.set(engine, EnvironmentRules(reviewers: ["alice", "bob"]), of: "b")
            try await Self.set(engine, EnvironmentRules(reviewers: ["carol"]), of: "c")
            let legs = """
                  a: {environment: "${{ matrix.e }}", strategy: {matrix: {e: [a, b, c, d], n: [1, 2]}}, runs-on: x, steps: [{run: a}]}
                """
            let run = try await engine.create(legs)
            #expect(try await engine.claim().count == 2)
            let pending = try await engine.services.environments.pending(of: run.id, by: Engine.principal)
            #expect(pending.count == 6 && pending.allSatisfy { !$0.reviewers.isEmpty })
            let one = await Self.code { _ = try await Self.review(engine, run, .approved, ["a", "c"]) }
            #expect(one == .forbidden)
            // fail-fast: the first one that fails ends the others.
            #expect(try await Self.review(engine, run, .rejected, ["b"]) == 1)
            let states = try await engine.states(run)
            #expect(states.values.count { $0 == "failure" } == 1)
            #expect(states.values.count { $0 == "cancelled" } == 5)
            #expect(try await engine.rows("SELECT execution_id FROM actions_gates WHERE state = 'closed'").count == 5)
            #expect(try await engine.rows("SELECT id FROM actions_gate_reviews").count == 1)
        }
    }

    // MARK: Time

    @Test(arguments: TestDatabase.allCases)
    func theWaitTimerAndTheReviewerAreBothWaitedFor(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let environments = engine.services.environments
            try await Self.set(engine, EnvironmentRules(reviewers: ["alice"], waitMinutes: 30))
            let run = try await engine.create(Self.jobs)
            try await engine.finish()
            #expect(try await Self.review(engine, run) == 1)
            #expect(try await environments.passDue(by: .system) == 0)
            guard case .gate(_, let reviewers, let until?) = try await Self.reason(engine, "deploy", of: run) else {
                return #expect(Bool(false), "it does not wait for its timer")
            }
            #expect(reviewers.isEmpty)
            let gate = try await engine.rows("SELECT * FROM actions_gates")[0]
            #expect(until == (try Gate(gate).openedAt.advanced(by: .seconds(1_800))))
            try await engine.write("UPDATE actions_gates SET wait_until = opened_at")
            #expect(try await environments.passDue(of: [RunID(run.id.rawValue + 1)], by: .system) == 0)
            #expect(try await environments.passDue(by: .system) == 1)
            #expect(try await environments.passDue(by: .system) == 0)
            #expect(try await engine.finish() == ["deploy", "tell"])
            // The other way round.
            try await engine.rerun(run, .job("deploy"))
            try await engine.finish()
            try await engine.write("UPDATE actions_gates SET wait_until = opened_at WHERE state = 'open'")
            #expect(try await environments.passDue(by: .system) == 0)
            #expect(try await Self.review(engine, run) == 1)
            #expect(try await engine.finish() == ["deploy", "tell"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func nobodyAnswersForThirtyDays(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await Self.set(engine, EnvironmentRules(reviewers: ["alice"]))
            let run = try await engine.create(Self.jobs)
            try await engine.finish()
            let seconds = RunDeadlines.approval.components.seconds
            func age(_ seconds: Int64) async throws {
                let opened = try await engine.services.backend.read { db in
                    try RunScheduler.time(on: db).advanced(by: .seconds(-seconds))
                }
                try await engine.services.backend.transaction { db in
                    try db.run(Update("actions_gates").set("opened_at", opened).where("state = 'open'"))
                }
            }
            try await age(seconds - 60)
            #expect(try await engine.services.runs.endOverdue(by: .system) == 0)
            try await age(seconds + 1)
            #expect(try await engine.services.runs.endOverdue(by: .system) == 1)
            #expect(try await engine.services.runs.endOverdue(by: .system) == 0)
            try await engine.check()
            #expect(try await engine.job("deploy", of: run).statusReason == .approvalTimeout)
            #expect(try await engine.run(run.id).conclusion == .failure)
        }
    }

    // MARK: Branches

    @Test(arguments: [
        ("refs/heads/main", true), ("refs/heads/release/1", true), ("refs/heads/release/1/2", false),
        ("refs/heads/Main", false), ("refs/tags/v1", true), ("refs/tags/main", false), ("refs/heads/v1", false),
        ("refs/pull/7/merge", true), ("refs/pull/7/head", false), ("main", true),
    ])
    func refsThatMayDeploy(_ ref: String, _ isAllowed: Bool) {
        let refs: [EnvironmentRules.RefPattern] = [
            .init(.branch, "main"), .init(.branch, "release/*"), .init(.tag, "v*"), .init(.branch, "refs/pull/*/merge"),
        ]
        #expect(EnvironmentRules(refs: refs).allows(ref: ref) == isAllowed)
        #expect(EnvironmentRules().allows(ref: ref))
    }

    @Test(arguments: TestDatabase.allCases)
    func aJobOfAnotherBranchFailsBeforeAnybodyIsAsked(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await Self.set(
                engine, EnvironmentRules(reviewers: ["alice"], refs: [.init(.tag, "v*")], preventsSelfReview: true))
            let run = try await engine.create(Self.jobs)
            try await engine.finish()
            let deploy = try await engine.job("deploy", of: run)
            #expect(deploy.conclusion == .failure && deploy.statusReason == .refNotAllowed)
            #expect(try await engine.rows("SELECT * FROM actions_gates").isEmpty)
            let stored = try await engine.services.environments.get(
                "PRODUCTION", in: engine.repository.id, by: Engine.principal)
            #expect(stored.rules.refs == [.init(.tag, "v*")] && stored.name == "production")
        }
    }

    // MARK: Changes of rules

    @Test(arguments: TestDatabase.allCases, ["reviewers", "timer", "delete"])
    func jobsThatWaitMeetChangedRules(_ database: TestDatabase, _ change: String) async throws {
        try await Engine.with(database) { engine in
            let environments = engine.services.environments
            try await Self.set(
                engine, change == "timer" ? EnvironmentRules(waitMinutes: 9) : EnvironmentRules(reviewers: ["bob"]))
            let run = try await engine.create(Self.jobs)
            try await engine.finish()
            if change == "delete" {
                try await environments.delete("Production", in: engine.repository.id, by: Engine.principal)
                #expect(try await engine.job("deploy", of: run).statusReason == .environmentDeleted)
                let gone = await Self.code {
                    try await environments.delete("Production", in: engine.repository.id, by: Engine.principal)
                }
                #expect(gone == .notFound)
            } else {
                try await Self.set(engine, EnvironmentRules())
                #expect(try await engine.finish() == ["deploy", "tell"])
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func rulesThatAreNoneAreRefused(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let bad = [
                EnvironmentRules(waitMinutes: -1), EnvironmentRules(waitMinutes: 43_201),
                EnvironmentRules(reviewers: [""]), EnvironmentRules(refs: [.init(.branch, "!main")]),
                EnvironmentRules(refs: [.init(.branch, "a b")]), EnvironmentRules(refs: [.init(.tag, "[")]),
                EnvironmentRules(reviewers: (0...100).map { "u\($0)" }),
            ]
            for rules in bad {
                let code = await Self.code { try await Self.set(engine, rules) }
                #expect(code == .invalidInput, "\(rules)")
            }
            try await Self.set(engine, EnvironmentRules(reviewers: ["a", "A"], waitMinutes: 43_200))
            let all = try await engine.services.environments.list(in: engine.repository.id, by: Engine.principal)
            #expect(all.map(\.rules) == [EnvironmentRules(reviewers: ["a"], waitMinutes: 43_200)])
        }
    }

    // MARK: With what else holds jobs

    @Test(arguments: TestDatabase.allCases)
    func aJobWithoutApprovalTakesNoPlace(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await Self.set(engine, EnvironmentRules(reviewers: ["alice"]))
            let run = try await engine.create(
                """
                  gated: {environment: production, concurrency: g, runs-on: x, steps: [{run: a}]}
                  free: {concurrency: g, runs-on: x, steps: [{run: a}]}
                  legs: {environment: "${{ matrix.e }}", strategy: {max-parallel: 1, matrix: {e: [production, test]}}, runs-on: x, steps: [{run: a}]}
                """)
            let taken = try await engine.claim()
            #expect(taken.map(\.execution.name) == ["free", "legs (test)"])
            #expect(try await Self.review(engine, run) == 2)
            #expect(try await engine.states(run)["gated"] == "concurrency")
            #expect(try await engine.states(run)["legs (production)"] == "max_parallel")
            for job in taken { try await engine.complete(job) }
            #expect(try await Set(engine.finish()) == ["gated", "legs (production)"])
        }
    }

    @Test(arguments: TestDatabase.allCases, [false, true])
    func aCancelledJobLeavesNoOpenGate(_ database: TestDatabase, _ isAtOnce: Bool) async throws {
        try await Engine.with(database) { engine in
            try await Self.set(engine, EnvironmentRules(reviewers: ["alice"]))
            let run = try await engine.create(Self.jobs)
            try await engine.finish()
            try await engine.services.runs.cancel(run.id, atOnce: isAtOnce, by: Engine.principal)
            try await engine.check()
            #expect(try await engine.run(run.id).conclusion == .cancelled)
            #expect(try await engine.rows("SELECT * FROM actions_gates WHERE state <> 'closed'").isEmpty)
            let late = await Self.code { _ = try await Self.review(engine, run) }
            #expect(late == .conflict)
        }
    }

    /// Reviewers, timers, changed rules and a cancel at the same time: each job is let in once at most.
    @Test(arguments: TestDatabase.allCases)
    func whoeverIsFirstDecides(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let repository = race.repository.id
            try await services.environments.set("e", in: repository, by: Race.principal) { $0.reviewers = ["octocat"] }
            let text = "on: push\njobs: {a: {environment: e, runs-on: x, steps: [{run: a}]}}\n"
            for _ in 0..<Race.scale(5, full: 50) {
                let run = try await services.runs.create(race.request(try Engine.source(text)), by: Race.principal)
                try await race.together(6) { index, _, services in
                    do {
                        switch index {
                        case 0, 1: try await services.environments.review(run.id, .approved, by: Race.principal)
                        case 2: try await services.environments.review(run.id, .rejected, by: Race.principal)
                        case 3: try await services.environments.passDue(by: .system)
                        case 4: try await services.runs.cancel(run.id, by: Race.principal)
                        default:
                            try await services.environments.set("e", in: repository, by: Race.principal) {
                                $0.waitMinutes = 0
                            }
                        }
                    } catch let error as ServiceError where [.conflict, .illegalTransition].contains(error.code) {
                        return
                    }
                }
                #expect(try await Invariants.broken(race.backend).isEmpty)
            }
            let doubled = "SELECT count(*) AS n FROM actions_gate_reviews GROUP BY execution_id HAVING count(*) > 1"
            #expect(try await race.numbers(doubled).isEmpty)
        }
    }
}
