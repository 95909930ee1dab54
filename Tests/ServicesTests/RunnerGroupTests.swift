import Model
import QueryBuilder
import Storage
import TestSupport
import Testing
import WorkflowSyntax

@testable import Services

/// Groups of runners: who may use them, in claims and in explanations.
@Suite struct RunnerGroupTests {
    private static let plain = "on: push\njobs: {a: {runs-on: self-hosted, steps: [{run: a}]}}\n"

    private static func repository(
        _ name: String, _ race: Race, visibility: String = "private"
    ) async throws -> Repository {
        let services = Services(backend: race.backend)
        let made = try await services.workflows.repository(
            location: "/\(name)", owner: "octo", name: name, defaultBranch: "main", by: Race.principal)
        try await race.backend.transaction { db in
            _ = try db.run(
                Update("actions_repositories").set("visibility", visibility).where("id = \(made.id)"))
        }
        return made
    }

    @discardableResult
    private static func run(
        _ race: Race, _ text: String = RunnerGroupTests.plain, of repository: Repository? = nil,
        path: String = ".github/workflows/ci.yml", ref: String = "refs/heads/main",
        called: [WorkflowSource] = []
    ) async throws -> WorkflowRun {
        var request = race.request(try Engine.source(text, path: path))
        if let repository { request.repository = repository }
        request.headRef = ref
        request.called = called
        return try await Services(backend: race.backend).runs.create(request, by: Race.principal)
    }

    private static func grouped(
        _ race: Race, _ name: String, _ settings: RunnerGroupSettings = RunnerGroupSettings()
    ) async throws -> (runner: RunnerID, group: RunnerGroupID) {
        let services = Services(backend: race.backend)
        let group = try await services.runners.createGroup(name, settings: settings, by: Race.principal)
        let runner = try await race.runner("r-\(name)", jobs: 100)
        _ = try await services.runners.move(runner, to: group.id, by: Race.principal)
        return (runner, group.id)
    }

    private static func claim(
        _ services: Services, _ runner: RunnerID, _ limit: Int = 1
    ) async throws -> [RepositoryID] {
        try await services.queue.claim(runner, limit: limit, by: Race.principal).map(\.execution.repositoryID)
    }

    @Test(arguments: TestDatabase.allCases)
    func aJobThatNamesAGroupGoesToItAlone(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let text = "on: push\njobs: {a: {runs-on: {group: GPU, labels: Linux}, steps: [{run: a}]}}\n"
            let run = try await Self.run(race, text)
            let free = try await race.runner("free", jobs: 1)
            let (other, _) = try await Self.grouped(race, "other")
            for runner in [free, other] { #expect(try await Self.claim(services, runner).isEmpty) }
            func reason() async throws -> WaitReason? {
                try await services.queue.explain(run: run.id, by: Race.principal).first?.reason
            }
            #expect(try await reason() == .noGroup("gpu"))
            let job = try #require(try await services.history.jobs(of: run.id).first)
            let matches = try await services.queue.candidates(for: job.id, by: Race.principal)
            #expect(matches.map(\.obstacle) == [.notInGroup("gpu"), .notInGroup("gpu")])
            let refused = await #expect(throws: ServiceError.self) {
                try await services.queue.update(job.id, to: .inProgress, runner: free, by: Race.principal)
            }
            #expect(refused?.code == .conflict)
            // A label that looks like it is no group.
            let loose = await #expect(throws: ServiceError.self) {
                try await services.runners.register(
                    RunnerRegistration(name: "x", labels: [GroupLabel.entry("gpu")]), by: Race.principal)
            }
            #expect(loose?.code == .invalidInput)
            let (gpu, _) = try await Self.grouped(race, "Gpu")
            #expect(try await reason() == .next)
            #expect(try await Self.claim(services, gpu).count == 1)
            // Of the installation, or of an organization, where both have the name.
            for (name, count) in [("ent/gpu", 1), ("org/gpu", 0)] {
                try await Self.run(race, text.replacing("GPU", with: name))
                #expect(try await Self.claim(services, gpu, 5).count == count)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func repositoriesAreLetInAndKeptOut(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            // Another server, which remembers what it has seen.
            let other = Services(backend: race.backend)
            let one = try await Self.repository("one", race)
            let two = try await Self.repository("two", race)
            let open = try await Self.repository("open", race, visibility: "public")
            let (runner, group) = try await Self.grouped(race, "g", RunnerGroupSettings(visibility: .selected))
            for repository in [one, two, open] {
                for _ in 0..<3 { try await Self.run(race, of: repository) }
            }
            for server in [services, other] { #expect(try await Self.claim(server, runner, 9).isEmpty) }
            _ = try await services.runners.updateRepositories(
                of: group, adding: [one.id, open.id], by: Race.principal)
            #expect(try await Self.claim(other, runner) == [one.id])
            _ = try await services.runners.updateRepositories(
                of: group, adding: [two.id], removing: [one.id], by: Race.principal)
            #expect(try await Self.claim(other, runner) == [two.id])
            _ = try await services.runners.updateGroup(
                group, settings: RunnerGroupSettings(allowsPublicRepositories: true), by: Race.principal)
            #expect(try await Set(Self.claim(other, runner, 3)) == [two.id, open.id])
            _ = try await services.runners.updateGroup(
                group, settings: RunnerGroupSettings(visibility: .private), by: Race.principal)
            let closed = try await Self.claim(other, runner, 9)
            #expect(closed.filter { $0 == one.id }.count == 2 && !closed.contains(open.id))
            _ = try await services.runners.updateGroup(
                group, settings: RunnerGroupSettings(visibility: .all), by: Race.principal)
            #expect(try await Self.claim(other, runner, 9).allSatisfy { $0 == open.id })
        }
    }

    /// What a process remembers of a runner does not outlive its move.
    @Test(arguments: TestDatabase.allCases)
    func aMoveHoldsForTheNextClaim(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let other = Services(backend: race.backend)
            let closed = try await services.runners.createGroup(
                "closed", settings: RunnerGroupSettings(visibility: .selected), by: Race.principal)
            let runner = try await race.runner("r", jobs: 9)
            for _ in 0..<4 { try await Self.run(race) }
            #expect(try await Self.claim(other, runner).count == 1)
            _ = try await services.runners.move(runner, to: closed.id, by: Race.principal)
            #expect(try await Self.claim(other, runner).isEmpty)
            let together = try await other.queue.claim(runner, limit: 1, by: Race.principal)
            #expect(together.isEmpty)
            // Its rules go with the group.
            try await services.runners.removeGroup(closed.id, by: Race.principal)
            #expect(try await Self.claim(other, runner).count == 1)
            #expect(try await services.runners.get(runner, by: Race.principal).group == nil)
            let gone = await #expect(throws: ServiceError.self) {
                try await services.runners.move(runner, to: closed.id, by: Race.principal)
            }
            #expect(gone?.code == .notFound)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func onlyJobsOfSelectedWorkflows(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let deploy = ".github/workflows/deploy.yml"
            let remote = "octo/shared/.github/workflows/ship.yml@v1"
            let (runner, group) = try await Self.grouped(
                race, "deploy",
                RunnerGroupSettings(selectedWorkflows: ["Octo/CAT/\(deploy)@main", remote]))
            try await Self.run(race)
            try await Self.run(race, path: deploy, ref: "refs/heads/other")
            #expect(try await Self.claim(services, runner, 9).isEmpty)
            let taken = try await Self.run(race, path: deploy)
            let claimed = try await services.queue.claim(runner, limit: 9, by: Race.principal)
            #expect(claimed.map(\.execution.runID) == [taken.id])
            // A called file counts as it is called; the file that calls it does not.
            let callee = try Engine.source(
                "on: workflow_call\njobs: {c: {runs-on: self-hosted, steps: [{run: c}]}}\n", path: remote)
            let caller = "on: push\njobs:\n  b: {uses: \(remote)}\n  own: {runs-on: self-hosted, steps: [{run: o}]}\n"
            try await Self.run(race, caller, path: ".github/workflows/caller.yml", called: [callee])
            let called = try await services.queue.claim(runner, limit: 9, by: Race.principal)
            #expect(called.map(\.execution.name) == ["b / c"])
            for ref in ["refs/heads/other", String(repeating: "0", count: 40)] {
                _ = try await services.runners.updateGroup(
                    group, settings: RunnerGroupSettings(selectedWorkflows: ["octo/cat/\(deploy)@\(ref)"]),
                    by: Race.principal)
                let found = try await services.queue.claim(runner, limit: 9, by: Race.principal)
                #expect(found.map(\.execution.name) == ["a"], "\(ref)")
                try await Self.run(race, path: deploy)
            }
            // None lifts the restriction.
            _ = try await services.runners.updateGroup(
                group, settings: RunnerGroupSettings(selectedWorkflows: []), by: Race.principal)
            #expect(try await Self.claim(services, runner, 9).count >= 3)
            for text in ["deploy.yml@main", "octo/cat/.github/workflows/x.yml", "octo/cat/x.yml@main", ""] {
                let error = await #expect(throws: ServiceError.self) {
                    try await services.runners.updateGroup(
                        group, settings: RunnerGroupSettings(selectedWorkflows: [text]), by: Race.principal)
                }
                #expect(error?.code == .invalidInput, "\(text)")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func namesScopesAndTokens(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let runners = Services(backend: race.backend).runners
            func code(_ body: @Sendable () async throws -> Void) async -> ServiceError.Code? {
                do {
                    try await body()
                } catch let error as ServiceError {
                    return error.code
                } catch {}
                return nil
            }
            let group = try await runners.createGroup("Build", by: Race.principal)
            let own = try await runners.createGroup("build", organization: 7, by: Race.principal)
            #expect(await code { _ = try await runners.createGroup("BUILD", by: Race.principal) } == .conflict)
            #expect(
                await code { _ = try await runners.createGroup("Build", organization: 7, by: Race.principal) }
                    == .conflict)
            #expect(await code { _ = try await runners.createGroup("a/b", by: Race.principal) } == .invalidInput)
            #expect(try await runners.groups(by: Race.principal).map(\.id) == [group.id, own.id])
            // Only runners of its owner.
            let global = try await race.runner("g", jobs: 1)
            #expect(
                await code { _ = try await runners.move(global, to: own.id, by: Race.principal) } == .invalidInput)
            var registration = RunnerRegistration(name: "o", scope: .organization(7))
            registration.group = "BUILD"
            let named = try await runners.register(registration, by: Race.principal)
            #expect(named.group?.id == own.id)
            registration.scope = .repository(race.repository.id)
            let scoped = registration
            #expect(await code { _ = try await runners.register(scoped, by: Race.principal) } == .invalidInput)
            // A token decides the group.
            let token = try await runners.createRegistrationToken(group: "build", by: Race.principal)
            registration.scope = .global
            registration.group = "other"
            let wrong = registration
            #expect(
                await code { _ = try await runners.register(wrong, token: token, by: Race.principal) } == .forbidden)
            registration.group = nil
            let runner = try await runners.register(registration, token: token, by: Race.principal)
            #expect(runner.group?.id == group.id)
            // A token of a group that is gone is none.
            let late = try await runners.createRegistrationToken(group: "build", by: Race.principal)
            try await runners.removeGroup(group.id, by: Race.principal)
            let unnamed = registration
            #expect(
                await code { _ = try await runners.register(unnamed, token: late, by: Race.principal) } == .forbidden)
            let actions = try await race.backend.read { db in
                try db.run(
                    Select("action").from("actions_audit_log").where("object_kind = 'runner_group'").orderBy("id")
                ).map { row in try row["action"] as String }
            }
            #expect(actions == ["runner_group.create", "runner_group.create", "runner_group.delete"])
        }
    }

    /// The condition of claims and the rule of explanations say the same.
    @Test(arguments: TestDatabase.allCases)
    func claimsAgreeWithExplanations(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            var generator = SeededGenerator(seed: race.seed)
            var repositories: [Repository] = []
            for (name, visibility) in [("a", "private"), ("b", "public"), ("C", "internal")] {
                repositories.append(try await Self.repository(name, race, visibility: visibility))
            }
            let refs = ["refs/heads/main", "refs/tags/v1", "refs/pull/3/merge"]
            let paths = [".github/workflows/x.yml", ".github/workflows/y.yml"]
            let (runner, group) = try await Self.grouped(race, "g")
            for _ in 0..<12 {
                let visibility = RunnerGroup.Visibility.allCases.randomElement(using: &generator)
                let workflows = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    let owner = repositories.randomElement(using: &generator)?.fullName ?? ""
                    let ref = (refs + ["main", "v1", "3/merge", String(repeating: "0", count: 40)])
                        .randomElement(using: &generator)
                    return "\(owner)/\(paths.randomElement(using: &generator) ?? "")@\(ref ?? "")"
                }
                let settings = RunnerGroupSettings(
                    visibility: visibility, allowsPublicRepositories: Bool.random(using: &generator),
                    selectedWorkflows: workflows)
                _ = try await services.runners.updateGroup(group, settings: settings, by: Race.principal)
                let chosen = repositories.filter { _ in Bool.random(using: &generator) }.map(\.id)
                _ = try await services.runners.updateRepositories(
                    of: group, adding: chosen, removing: repositories.map(\.id).filter { !chosen.contains($0) },
                    by: Race.principal)
                for _ in 0..<6 {
                    try await Self.run(
                        race, of: repositories.randomElement(using: &generator),
                        path: paths.randomElement(using: &generator) ?? "",
                        ref: refs.randomElement(using: &generator) ?? "")
                }
                let waiting = try await services.queue.list(by: Race.principal).entries.map(\.execution)
                var expected: Set<ExecutionID> = []
                for id in waiting {
                    let match = try await services.queue.candidates(for: id, by: Race.principal).first
                    if match?.obstacle == nil { expected.insert(id) }
                }
                let claimed = try await services.queue.claim(runner, limit: 100, by: Race.principal)
                #expect(Set(claimed.map(\.execution.id)) == expected, "\(settings)")
                for message in claimed {
                    try await services.runners.complete(message.assignment.token, .success, by: Race.principal)
                }
            }
        }
    }
}
