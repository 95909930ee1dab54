import Model
import Testing

@testable import PlueActions

@Suite struct EnvironmentTests {
    private static let by = Platform.user
    private static let alice = Principal(.user, "alice")
    private static let jobs = """
          build: {runs-on: x, steps: [{run: b}]}
          deploy: {needs: build, environment: Production, runs-on: x, steps: [{run: d}]}
        """

    @Test("environments are set, changed, listed and deleted", arguments: ActionsDatabase.allCases)
    func rulesAreStored(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let (actions, by, repository) = (platform.actions, Self.by, platform.repository.id)
            let rules = EnvironmentRules(
                reviewers: ["alice"], waitMinutes: 5, refs: [.init(.branch, "main"), .init(.tag, "v*")],
                preventsSelfReview: true)
            let made = try await actions.setEnvironment("production", rules, in: repository, by: by)
            #expect(made.name == "production" && made.rules == rules)
            let changed = try await actions.updateEnvironment("Production", in: repository, by: by) {
                $0.waitMinutes = 0
            }
            #expect(changed.id == made.id && changed.rules.waitMinutes == 0 && changed.rules.reviewers == ["alice"])
            #expect(try await actions.getEnvironment("PRODUCTION", in: repository, by: by).rules == changed.rules)
            let plain = try await actions.setEnvironment("production", EnvironmentRules(), in: repository, by: by)
            #expect(plain.rules == EnvironmentRules())
            try await actions.setEnvironment("a", EnvironmentRules(waitMinutes: 1), in: repository, by: by)
            #expect(try await actions.listEnvironments(in: repository, by: by).map(\.name) == ["a", "production"])
            let wrong = EnvironmentRules(waitMinutes: -1)
            #expect(
                await Platform.code { try await actions.setEnvironment("b", wrong, in: repository, by: by) }
                    == .invalidInput)
            #expect(
                await Platform.code {
                    try await actions.setEnvironment("b", rules, in: RepositoryID(9_999), by: by)
                } == .notFound)
            try await actions.deleteEnvironment("production", in: repository, by: by)
            #expect(
                await Platform.code { _ = try await actions.getEnvironment("production", in: repository, by: by) }
                    == .notFound)
            for action in ["environment.create", "environment.update", "environment.delete"] {
                #expect(try await platform.audited(action) > 0, "\(action)")
            }
        }
    }

    @Test("a deployment waits for its reviewer", arguments: ActionsDatabase.allCases)
    func aDeploymentWaits(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let (actions, by) = (platform.actions, Self.by)
            try await actions.setEnvironment(
                "production", EnvironmentRules(reviewers: ["alice", "octocat"], preventsSelfReview: true),
                in: platform.repository.id, by: by)
            let runner = try await platform.runner()
            let runs = [try await platform.run(jobs: Self.jobs), try await platform.run(jobs: Self.jobs)]
            #expect(try await platform.finish(runner) == ["build", "build"])
            let pending = try await actions.listPendingReviews(by: by)
            #expect(pending.map(\.runID) == runs.map(\.id) && pending[0].jobName == "deploy")
            #expect(pending[0].environment == "Production" && pending[0].reviewers == ["alice", "octocat"])
            #expect(try await actions.listPendingReviews(of: runs[1].id, by: by).count == 1)
            // Who started the run may not let it in.
            #expect(
                await Platform.code { try await actions.reviewWorkflowRun(runs[0].id, .approved, by: by) } == .forbidden
            )
            #expect(
                try await actions.reviewWorkflowRun(
                    runs[0].id, .approved, environments: ["production"], comment: "ship it", by: Self.alice) == 1)
            #expect(try await actions.reviewWorkflowRun(runs[1].id, .rejected, by: Self.alice) == 1)
            #expect(try await platform.finish(runner) == ["deploy"])
            #expect(try await platform.get(runs[0]).conclusion == .success)
            #expect(try await platform.get(runs[1]).conclusion == .failure)
            let said = try await actions.listReviews(of: runs[0].id, by: by)
            #expect(said.map(\.verdict) == [.approved] && said[0].comment == "ship it" && said[0].reviewer == "alice")
            #expect(
                await Platform.code { try await actions.reviewWorkflowRun(runs[0].id, .approved, by: Self.alice) }
                    == .conflict)
        }
    }

    @Test("a wait timer that is over lets its job in", arguments: ActionsDatabase.allCases)
    func aWaitTimer(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let (actions, by) = (platform.actions, Self.by)
            try await actions.setEnvironment(
                "production", EnvironmentRules(waitMinutes: 60), in: platform.repository.id, by: by)
            let runner = try await platform.runner()
            let run = try await platform.run(jobs: Self.jobs)
            #expect(try await platform.finish(runner) == ["build"])
            #expect(try await actions.listPendingReviews(of: run.id, by: by).first?.waitUntil != nil)
            #expect(try await actions.passDueJobs(by: by) == 0)
            // As if the hour had passed.
            try await platform.change("UPDATE actions_gates SET wait_until = opened_at")
            #expect(try await actions.passDueJobs(by: by) == 1)
            #expect(try await platform.finish(runner) == ["deploy"])
        }
    }

    @Test("a run of a fork waits for an approval", arguments: ActionsDatabase.allCases)
    func aRunOfAFork(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let (actions, by) = (platform.actions, Self.by)
            let changed = try await actions.setForkApproval(
                .allExternalContributors, of: platform.repository.id, by: by)
            #expect(changed.forkApproval == .allExternalContributors)
            func deliver(_ id: String, _ event: String, _ payload: String, files: [String: String]?) async throws
                -> EventDeliveryResult
            {
                try await actions.deliverEvent(
                    EventDelivery(
                        repository: platform.repository.id, source: "test", id: id, event: event, payload: payload,
                        headRef: files == nil ? "refs/pull/1/merge" : "refs/heads/main",
                        headSHA: String(repeating: "1", count: 40), actor: "stranger", files: files), by: by)
            }
            let text = "on: pull_request\njobs: {a: {runs-on: x, steps: [{run: a}]}}"
            _ = try await deliver("1", "push", "{}", files: [".github/workflows/pr.yml": text])
            let payload =
                #"{"action":"opened","pull_request":{"author_association":"NONE","head":{"repo":{"id":2}},"#
                + #""base":{"ref":"main","repo":{"id":1}}}}"#
            let run = try #require(try await deliver("2", "pull_request", payload, files: nil).runs.first)
            let runner = try await platform.runner()
            #expect(try await platform.claim(runner).isEmpty)
            let pending = try await actions.listPendingReviews(by: by)
            #expect(pending.map(\.runID) == [run.id] && pending[0].jobID == nil && pending[0].actor == "stranger")
            #expect(try await actions.reviewWorkflowRun(run.id, .approved, by: Self.alice) == 1)
            #expect(try await platform.finish(runner) == ["a"])
        }
    }
}
