import Model
import Testing

@testable import PlueActions

@Suite struct RunnerTests {
    @Test("9. registers and manages runners", arguments: ActionsDatabase.allCases)
    func registersAndManagesRunners(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let actions = platform.actions
            let runner = try await actions.registerRunner(
                name: "builder", labels: ["GPU", "linux"], scope: .organization(4),
                capabilities: RunnerCapabilities(
                    maxParallelJobs: 2, supportedArchitectures: ["ARM64", "x64"], dockerEnabled: true),
                by: Platform.user)
            #expect(runner.name == "builder" && runner.status == .offline && runner.lastSeen == nil)
            #expect(runner.labels == ["arm64", "docker", "gpu", "linux", "self-hosted", "x64"])
            #expect(runner.organizationID == 4 && runner.repositoryID == nil)
            #expect(runner.capabilities.maxParallelJobs == 2 && runner.capabilities.dockerEnabled)
            let online = try await actions.updateRunnerStatus(runner.id, .online, by: Platform.user)
            #expect(online.status == .online && online.lastSeen != nil)
            let seen = try #require(online.lastSeen)
            try await actions.heartbeat(runner.id, by: Platform.user)
            let later = try await actions.getRunner(runner.id, by: Platform.user)
            #expect(try #require(later.lastSeen) >= seen)
            #expect(try await actions.listRunners(scope: .organization(4), by: Platform.user).items == [later])
            #expect(try await actions.listRunners(scope: .global, by: Platform.user).items.isEmpty)
            try await actions.unregisterRunner(runner.id, by: Platform.user)
            #expect(await Platform.code { _ = try await actions.getRunner(runner.id, by: Platform.user) } == .notFound)
        }
    }

    @Test("9. the jobs of a runner that is taken away end as lost", arguments: ActionsDatabase.allCases)
    func lostJobs(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let runner = try await platform.runner()
            let run = try await platform.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}")
            let job = try #require(try await platform.claim(runner).first)
            try await platform.actions.unregisterRunner(runner.id, by: Platform.user)
            let ended = try await platform.actions.getJobExecution(job.execution.id, by: Platform.user)
            #expect(ended.status == .failed && ended.statusReason == "runner_lost")
            #expect(try await platform.get(run).conclusion == .failure)
            #expect(await Platform.code { try await platform.complete(job) } == .staleAssignment)
        }
    }

    @Test("10. matches jobs to runners by label and capability", arguments: ActionsDatabase.allCases)
    func matchesJobsToRunners(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let other = try await Platform(platform.actions, name: "dog", organization: 5)
            let plain = try await platform.runner("plain", labels: ["x"], parallel: 1)
            let docker = try await platform.runner("docker", labels: ["x"], parallel: 2, docker: true)
            let own = try await platform.runner("own", labels: ["x"], scope: .repository(other.repository.id))
            let organization = try await platform.runner("org", labels: ["x"], scope: .organization(5))
            let run = try await platform.run(try await platform.workflow(), expanding: false)
            let execution = try await platform.actions.queueJob(
                run.id, Job(id: "d", runsOn: "X", steps: [JobStep(run: "a")]),
                JobRequirements(architecture: "x64", docker: true), by: Platform.user)[0]
            let candidates = try await platform.actions.getCandidates(for: execution.id, by: Platform.user)
            #expect(candidates.first?.runner.id == docker.id && candidates.filter { $0.obstacle == nil }.count == 1)
            #expect(candidates.first { $0.runner.id == plain.id }?.obstacle?.contains("docker") == true)
            for runner in [plain, own, organization] {
                #expect(try await platform.claim(runner).isEmpty)
                #expect(
                    await Platform.code {
                        try await platform.actions.updateJobStatus(
                            execution.id, .inProgress, runner: runner.id, by: Platform.user)
                    } == .conflict)
            }
            #expect(try await platform.claim(docker).map(\.execution.jobID) == ["d"])
            // Scoped runners take the jobs of their scope.
            for (number, runner) in [own, organization].enumerated() {
                _ = try await other.run(
                    jobs: "  s: {runs-on: [self-hosted, x], steps: [{run: a}]}", ".github/workflows/\(number).yml")
                #expect(try await platform.claim(runner).map(\.execution.jobID) == ["s"])
            }
            try await platform.actions.updateRunnerStatus(plain.id, .offline, by: Platform.user)
            #expect(await Platform.code { _ = try await platform.claim(plain) } == .conflict)
        }
    }

    @Test(
        "10. load is balanced, room is respected, the order is that of the queue", arguments: ActionsDatabase.allCases)
    func loadIsBalanced(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let small = try await platform.runner("small", labels: ["x"], parallel: 2)
            let large = try await platform.runner("large", labels: ["x"], parallel: 8)
            let matrix = (1...12).map(String.init).joined(separator: ", ")
            let run = try await platform.run(
                jobs: "  m: {runs-on: x, strategy: {matrix: {n: [\(matrix)]}}, steps: [{run: a}]}")
            var waiting = try await platform.actions.getQueuedJobs(run.id, by: Platform.user)
            var taken: [RunnerID: Int] = [:]
            while let job = waiting.first,
                let best = try await platform.actions.getCandidates(for: job.id, by: Platform.user).first,
                best.obstacle == nil
            {
                try await platform.actions.updateJobStatus(
                    job.id, .inProgress, runner: best.runner.id, by: Platform.user)
                taken[best.runner.id, default: 0] += 1
                waiting.removeFirst()
                if taken.values.reduce(0, +) == 5 { #expect(taken == [small.id: 1, large.id: 4]) }
            }
            #expect(taken == [small.id: 2, large.id: 8])
            #expect(try await platform.claim(small).isEmpty)
            #expect(try await platform.claim(large).isEmpty)
            let third = try await platform.runner("third", labels: ["x"], parallel: 1)
            #expect(try await platform.claim(third).map(\.execution.name) == ["m (11)"])
        }
    }
}
