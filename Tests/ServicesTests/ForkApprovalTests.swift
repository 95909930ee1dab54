import Model
import QueryBuilder
import Storage
import Testing

@testable import Services

/// Runs that forks ask for.
@Suite struct ForkApprovalTests {
    private static let path = ".github/workflows/pr.yml"
    private static let alice = Principal(.user, "alice")

    private static func workflow(_ more: String = "", on event: String = "pull_request") -> String {
        "on: \(event)\n\(more)jobs:\n  a: {runs-on: x, steps: [{run: a}]}\n  b: {needs: a, runs-on: x, steps: [{run: b}]}\n"
    }

    private static func payload(_ association: String?, fork: Bool = true) -> String {
        let word = association.map { #""author_association":"\#($0)","# } ?? ""
        return #"{"action":"opened","pull_request":{\#(word)"head":{"repo":{"id":\#(fork ? 2 : 1)}},"#
            + #""base":{"ref":"main","repo":{"id":1}}}}"#
    }

    private static func deliver(
        _ id: String, _ payload: String, event: String = "pull_request", in race: Race
    ) async throws -> WorkflowRun {
        let services = Services(backend: race.backend)
        let delivery = EventDelivery(
            repository: race.repository.id, source: "test", id: id, event: event, payload: payload,
            headRef: "refs/pull/1/merge", headSHA: String(repeating: "1", count: 40), actor: "stranger", files: nil)
        let result = try await services.ingestion.deliver(delivery, by: Race.principal)
        return try #require(result.runs.first, "\(result.skipped)")
    }

    private static func store(_ text: String, _ id: String = "push", in race: Race) async throws {
        let delivery = EventDelivery(
            repository: race.repository.id, source: "test", id: id, event: "push", payload: "{}",
            headRef: "refs/heads/main", headSHA: String(repeating: "2", count: 40), actor: "octocat",
            files: [path: text])
        _ = try await Services(backend: race.backend).ingestion.deliver(delivery, by: Race.principal)
    }

    private static func queued(_ race: Race) async throws -> Int64 {
        try await race.numbers("SELECT count(*) AS n FROM actions_job_queue")[0][0]
    }

    @Test(arguments: [
        (ForkApproval.never, [false, false, false, false, false, false]),
        (.firstTimeContributorsNewToGitHub, [false, false, false, false, true, true]),
        (.firstTimeContributors, [false, false, true, true, true, true]),
        (.allExternalContributors, [false, true, true, true, true, true]),
    ])
    func whoseRunsWait(_ policy: ForkApproval, _ expected: [Bool]) {
        let associations = ["MEMBER", "contributor", "FIRST_TIME_CONTRIBUTOR", "NONE", "FIRST_TIMER", ""]
        #expect(associations.map(policy.isNeeded) == expected)
        #expect(!policy.isNeeded(for: "OWNER") && !policy.isNeeded(for: "COLLABORATOR"))
    }

    /// A run executes the text that a fork brought; others of the repository never do.
    @Test(arguments: TestDatabase.allCases)
    func itsTextIsNotTheRepositorys(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            try await Self.store(Self.workflow(), in: race)
            func run(_ text: String, _ path: String, _ payload: String) async throws -> WorkflowRun {
                try await services.runs.create(
                    RunRequest(
                        repository: race.repository, source: try Engine.source(text, path: path), called: [],
                        event: "pull_request", payload: payload, headBranch: nil, headRef: "refs/pull/1/merge",
                        headSHA: String(repeating: "1", count: 40), isDirty: false, actor: "stranger", runner: nil),
                    by: Race.principal)
            }
            func current(_ path: String = Self.path) async throws -> [[Int64]] {
                try await race.numbers(
                    "SELECT CASE state WHEN 'deleted' THEN 0 ELSE 1 END AS a, current_version_id AS b "
                        + "FROM actions_workflows WHERE filename = '\(path)'")
            }
            let before = try await current()
            #expect(before.count == 1 && before[0][0] == 1)
            let brought = try await run(Self.workflow("name: theirs\n"), Self.path, Self.payload("NONE"))
            #expect(try await current() == before && brought.versionID != before[0][1])
            _ = try await run(Self.workflow("name: new\n"), ".github/workflows/new.yml", Self.payload("NONE"))
            #expect(try await current(".github/workflows/new.yml").map { $0[0] } == [0])
            let own = try await run(
                Self.workflow("name: ours\n"), Self.path, Self.payload("NONE", fork: false))
            #expect(try await current() == [[1, own.versionID]])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunOfAForkWaitsAsAWhole(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            try await Self.store(Self.workflow(), in: race)
            let run = try await Self.deliver("1", Self.payload("NONE"), in: race)
            #expect(run.hold == .waiting && run.status == .queued)
            #expect(try await Self.queued(race) == 0)
            let reasons = try await services.queue.explain(run: run.id, by: Race.principal).map(\.reason)
            #expect(reasons == [.approval, .approval])
            let pending = try await services.environments.pending(by: Race.principal)
            #expect(pending.map(\.runID) == [run.id] && pending[0].job == nil)
            #expect(try await services.environments.review(run.id, .approved, by: Self.alice) == 1)
            #expect(try await Self.queued(race) == 1)
            let after = try #require(try await services.history.run(run.id)).run
            #expect(after.hold == nil)
            // Nobody waits for these.
            for (index, payload) in [Self.payload("MEMBER"), Self.payload("NONE", fork: false)].enumerated() {
                #expect(try await Self.deliver("m\(index)", payload, in: race).hold == nil)
            }
            _ = try await services.repositories.setForkApproval(
                .allExternalContributors, of: race.repository.id, by: Race.principal)
            #expect(try await Self.deliver("c", Self.payload("CONTRIBUTOR"), in: race).hold == .waiting)
        }
    }

    /// A job that is run again would start without the approval.
    @Test(arguments: TestDatabase.allCases)
    func nothingOfItRunsAgainBefore(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            try await Self.store(Self.workflow(), in: race)
            let run = try await Self.deliver("1", Self.payload("NONE"), in: race)
            let job = try #require(try await services.history.jobs(of: run.id).first)
            _ = try await services.queue.update(job.id, to: .cancelled, runner: nil, by: Race.principal)
            for scope in [RerunScope.job(job.jobKey), .failed] {
                let error = await #expect(throws: ServiceError.self) {
                    try await services.runs.rerun(run.id, scope, runner: nil, actor: "octocat", by: Race.principal)
                }
                #expect(error?.code == .illegalTransition)
            }
            #expect(try await Self.queued(race) == 0)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aTrustedEventOfAForkDoesNotWait(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            try await Self.store(Self.workflow(on: "pull_request_target"), in: race)
            let run = try await Self.deliver("1", Self.payload("NONE"), event: "pull_request_target", in: race)
            #expect(run.hold == nil)
            #expect(try await Self.queued(race) == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whoRunsItHereAsksNobody(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await race.runner("local", jobs: 1)
            var request = race.request(try Engine.source(Self.workflow()), runner: runner)
            request.event = "pull_request"
            request.payload = Self.payload("NONE")
            #expect(try await services.runs.create(request, by: Race.principal).hold == nil)
            request.runner = nil
            #expect(try await services.runs.create(request, by: Race.principal).hold == .waiting)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRejectedRunIsCancelled(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            try await Self.store(Self.workflow(), in: race)
            let run = try await Self.deliver("1", Self.payload(nil), in: race)
            #expect(try await services.environments.review(run.id, .rejected, by: Self.alice) == 1)
            let after = try #require(try await services.history.run(run.id)).run
            #expect(after.conclusion == .cancelled && after.statusReason == .reviewRejected)
            #expect(try await Self.queued(race) == 0)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func itJoinsItsGroupWhenItIsApproved(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            try await Self.store(Self.workflow("concurrency: {group: g, cancel-in-progress: true}\n"), in: race)
            let trusted = try await Self.deliver("1", Self.payload("OWNER"), in: race)
            let fork = try await Self.deliver("2", Self.payload("NONE"), in: race)
            let untouched = try #require(try await services.history.run(trusted.id)).run
            #expect(untouched.status == .queued && fork.hold == .waiting)
            try await services.environments.review(fork.id, .approved, by: Self.alice)
            let cancelled = try #require(try await services.history.run(trusted.id)).run
            #expect(cancelled.conclusion == .cancelled && cancelled.statusReason == .superseded)
            #expect(try await Self.queued(race) == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func nobodyApprovesItForThirtyDays(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            try await Self.store(Self.workflow(), in: race)
            let run = try await Self.deliver("1", Self.payload("NONE"), in: race)
            #expect(try await services.runs.endOverdue(by: .system) == 0)
            try await race.backend.transaction { db in
                let old = try RunScheduler.time(on: db).advanced(by: .zero - RunDeadlines.approval - .seconds(1))
                _ = try db.run(Update("actions_workflow_runs").set("created_at", old).where("id = \(run.id)"))
            }
            #expect(try await services.runs.endOverdue(by: .system) == 1)
            let after = try #require(try await services.history.run(run.id)).run
            #expect(after.conclusion == .cancelled && after.statusReason == .approvalTimeout)
        }
    }
}
