import Model
import Testing

@testable import PlueActions
@testable import Services

@Suite struct SubscriptionTests {
    /// One starts before anything happened, some while it happens, one when all is over.
    @Test("a subscription misses nothing and doubles nothing", arguments: ActionsDatabase.allCases)
    func missesAndDoublesNothing(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let actions = platform.actions
            let by = Platform.user
            let matrix = (1...66).map(String.init).joined(separator: ", ")
            let workflow = try await platform.workflow(
                "on: push\njobs:\n  m: {runs-on: x, strategy: {matrix: {n: [\(matrix)]}}, steps: [{run: a}]}")
            let run = try await platform.run(workflow)
            let runner = try await platform.runner()
            let bystander = try await platform.run(workflow)
            let id = run.id
            @Sendable func follow(after sequence: Int64) async throws -> [RunTransition] {
                var found: [RunTransition] = []
                for try await transition in actions.subscribe(to: id, after: sequence, by: by) {
                    found.append(transition)
                }
                return found
            }
            var followers = [Task { try await follow(after: 0) }, Task { try await follow(after: 0) }]
            var starts: [Int64] = [0, 0]
            var done = 0
            while done < 66 {
                let jobs = try await platform.claim(runner, 7).filter { $0.run.id == id }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for job in jobs { group.addTask { try await platform.complete(job) } }
                    try await group.waitForAll()
                }
                done += jobs.count
                if done % 14 == 0 {
                    let newest = try await actions.getTransitions(id, limit: 1000, by: by).last?.sequence ?? 0
                    starts.append(newest)
                    followers.append(Task { try await follow(after: newest) })
                }
            }
            let all = try await actions.getTransitions(id, limit: 1000, by: by)
            #expect(all.count >= 200 && all.last?.object == .run && all.last?.to == "completed")
            starts.append(0)
            followers.append(Task { try await follow(after: 0) })
            for (start, follower) in zip(starts, followers) {
                #expect(try await follower.value.map(\.sequence) == all.map(\.sequence).filter { $0 > start })
            }
            #expect(try await follow(after: all.last?.sequence ?? 0).isEmpty)
            try await actions.cancelWorkflowRun(bystander.id, by: by)
            try await platform.finish(runner)
            #expect(actions.services.wakes.isIdle)
        }
    }

    @Test("a subscription to a run that is not there, or no more, throws", arguments: ActionsDatabase.allCases)
    func runsThatAreGone(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let run = try await platform.run(try await platform.workflow())
            let task = Task {
                await Platform.code {
                    for try await _ in platform.actions.subscribe(to: run.id, by: Platform.user) {}
                }
            }
            try await Task.sleep(for: .milliseconds(20))
            try await platform.actions.deleteRepository(platform.repository.id, by: Platform.user)
            #expect(await task.value == .notFound)
        }
    }
}
