import Model
import Testing

@testable import PlueActions

@Suite struct RunnerGroupTests {
    private static let by = Platform.user
    private static let jobs = "  a: {runs-on: {group: gpu}, steps: [{run: a}]}"

    @Test("a group decides whose jobs its runners take", arguments: ActionsDatabase.allCases)
    func aGroupDecides(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let (actions, by) = (platform.actions, Self.by)
            let group = try await actions.createRunnerGroup(
                "gpu", rules: RunnerGroupRules(visibility: .selected), by: by)
            #expect(group.visibility == .selected && !group.allowsPublicRepositories && group.repositories.isEmpty)
            #expect(await Platform.code { _ = try await actions.createRunnerGroup("GPU", by: by) } == .conflict)
            let runner = try await actions.registerRunner(name: "one", labels: ["x"], group: "GPU", by: by)
            #expect(runner.groupID == group.id && !runner.isEphemeral)
            try await actions.updateRunnerStatus(runner.id, .online, by: by)
            _ = try await platform.run(jobs: Self.jobs)
            #expect(try await platform.claim(runner).isEmpty)
            let own = platform.repository.id
            let wider = try await actions.updateRunnerGroupRepositories(group.id, adding: [own], by: by)
            #expect(wider.repositories == [own])
            try await actions.updateRunnerGroup(
                group.id,
                rules: RunnerGroupRules(selectedWorkflows: ["octo/cat/.github/workflows/other.yml@main"]), by: by)
            #expect(try await platform.claim(runner).isEmpty)
            let open = try await actions.updateRunnerGroup(
                group.id, rules: RunnerGroupRules(selectedWorkflows: []), by: by)
            #expect(!open.restrictedToWorkflows && open.visibility == .selected)
            let job = try #require(try await platform.claim(runner).first)
            try await platform.complete(job)
            let closed = try await actions.updateRunnerGroupRepositories(group.id, removing: [own], by: by)
            #expect(closed.repositories.isEmpty)
            for action in ["runner_group.create", "runner_group.update"] {
                #expect(try await platform.audited(action) > 0, "\(action)")
            }
        }
    }

    @Test("groups are listed, found, left and deleted", arguments: ActionsDatabase.allCases)
    func groupsAreListedAndDeleted(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let (actions, by) = (platform.actions, Self.by)
            let own = try await actions.createRunnerGroup("big", organizationID: 4, by: by)
            let all = try await actions.createRunnerGroup("big", by: by)
            #expect(try await actions.listRunnerGroups(by: by).map(\.id) == [all.id, own.id])
            #expect(try await actions.getRunnerGroup(named: "BIG", organizationID: 4, by: by) == own)
            let runner = try await platform.runner(scope: .organization(4))
            #expect(try await actions.moveRunner(runner.id, to: own.id, by: by).groupID == own.id)
            #expect(
                await Platform.code { try await actions.moveRunner(runner.id, to: all.id, by: by) } == .invalidInput)
            try await actions.deleteRunnerGroup(own.id, by: by)
            #expect(try await actions.getRunner(runner.id, by: by).groupID == nil)
            #expect(await Platform.code { try await actions.deleteRunnerGroup(own.id, by: by) } == .notFound)
            #expect(
                await Platform.code { _ = try await actions.getRunnerGroup(named: "none", by: by) } == .notFound)
            #expect(try await platform.audited("runner_group.delete") == 1)
        }
    }

    @Test("a just-in-time runner starts once and takes one job", arguments: ActionsDatabase.allCases)
    func aJustInTimeRunner(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let (actions, by) = (platform.actions, Self.by)
            for _ in 0..<2 { _ = try await platform.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}") }
            let made = try await actions.generateJITConfig(name: "jit", labels: ["x"], by: by)
            #expect(made.runner.isEphemeral && made.runner.status == .offline && !made.encodedConfig.isEmpty)
            let runner = try await actions.startJITRunner(
                made.encodedConfig, capabilities: RunnerCapabilities(maxParallelJobs: 8), by: by)
            #expect(runner.id == made.runner.id && runner.capabilities.maxParallelJobs == 1)
            #expect(
                await Platform.code { _ = try await actions.startJITRunner(made.encodedConfig, by: by) } == .forbidden)
            #expect(await Platform.code { _ = try await actions.startJITRunner("none", by: by) } == .invalidInput)
            try await actions.updateRunnerStatus(runner.id, .online, by: by)
            let taken = try await platform.claim(runner)
            #expect(taken.count == 1)
            try await platform.complete(try #require(taken.first))
            #expect(try await platform.claim(runner).isEmpty)
        }
    }

    @Test("an ephemeral runner takes one job", arguments: ActionsDatabase.allCases)
    func anEphemeralRunner(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let actions = platform.actions
            for _ in 0..<2 { _ = try await platform.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}") }
            let runner = try await actions.registerRunner(
                name: "once", labels: ["x"], capabilities: RunnerCapabilities(maxParallelJobs: 8), isEphemeral: true,
                by: Self.by)
            #expect(runner.isEphemeral)
            try await actions.updateRunnerStatus(runner.id, .online, by: Self.by)
            let taken = try await platform.claim(runner)
            #expect(taken.count == 1)
            try await platform.complete(try #require(taken.first))
            #expect(try await platform.claim(runner).isEmpty)
        }
    }
}
