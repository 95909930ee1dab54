import Model
import Storage
import Testing

@testable import PlueActions

@Suite struct AuditTests {
    @Test("12. audit: every operation leaves its row", arguments: ActionsDatabase.allCases)
    func everyOperationLeavesItsRow(_ database: ActionsDatabase) async throws {
        try await database.with { actions in
            let by = Platform.user
            var expected: [String] = []
            func audited(_ action: String) async throws {
                expected.append(action)
                let rows = try await actions.listAuditLog(limit: 1000, by: by).items
                #expect(rows.map(\.action).reversed() == expected)
                #expect(rows.allSatisfy { $0.actor == by && $0.outcome == "success" })
            }
            let platform = try await Platform(actions, name: "cat")
            try await audited("repository.create")
            let workflow = try await platform.workflow()
            try await audited("workflow.create")
            _ = try await platform.workflow(Platform.ci + "\n")
            try await audited("workflow.update")
            let id = try #require(workflow.id)
            try await actions.disableWorkflow(id, by: by)
            try await audited("workflow.update")
            try await actions.enableWorkflow(id, by: by)
            try await audited("workflow.update")
            let runner = try await actions.registerRunner(name: "r", labels: ["ubuntu-latest", "x"], by: by)
            try await audited("runner.register")
            try await actions.updateRunnerStatus(runner.id, .online, by: by)
            try await audited("runner.update")
            let run = try await platform.run(workflow)
            try await audited("run.create")
            try await actions.queueJob(run.id, Job(id: "j", runsOn: "x", steps: [JobStep(run: "a")]), by: by)
            try await audited("job.queue")
            // What a runner tells of its job leaves transitions.
            let job = try #require(try await actions.claimJobs(runner.id, by: by).first)
            try await actions.startStep(job.token, number: 1, name: "s", at: Timestamp(microseconds: 1), by: by)
            try await actions.completeJob(job.token, .success, by: by)
            let waiting = try await actions.getQueuedJobs(run.id, by: by)
            let token = try #require(
                try await actions.updateJobStatus(waiting[0].id, .inProgress, runner: runner.id, by: by))
            #expect(token.fencingToken == 1)
            try await actions.updateJobStatus(waiting[0].id, .completed, by: by)
            try await audited("job.update")
            try await actions.rerunWorkflowRun(run.id, by: by)
            try await audited("run.rerun")
            try await actions.updateJobStatus(
                try await actions.getQueuedJobs(run.id, by: by)[0].id, .cancelled, by: by)
            try await audited("job.cancel")
            let second = try await platform.run(workflow)
            try await audited("run.create")
            try await actions.cancelWorkflowRun(second.id, by: by)
            try await audited("run.cancel")
            try await actions.unregisterRunner(runner.id, by: by)
            try await audited("runner.unregister")
            try await actions.deleteWorkflow(id, by: by)
            try await audited("workflow.delete")
            try await actions.deleteRepository(platform.repository.id, by: by)
            try await audited("repository.delete")
            let rows = try await actions.listAuditLog(
                AuditFilter(repository: platform.repository.id, objectKind: "workflow", objectID: "\(id)"), by: by)
            #expect(rows.items.count == 5 && rows.items.allSatisfy { $0.body.hasPrefix("{") })
        }
    }

    @Test("12. audit: a call that is refused leaves no row", arguments: ActionsDatabase.allCases)
    func refusedCallsLeaveNoRow(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            #expect(await Platform.code { _ = try await platform.workflow("jobs: 1") } == .invalidWorkflow)
            #expect(
                await Platform.code {
                    _ = try await platform.actions.createRepository(owner: "octo", name: "cat", by: Platform.user)
                } == .conflict)
            let rows = try await platform.actions.listAuditLog(by: Platform.user).items
            #expect(rows.count == 1)
        }
    }

    @Test("a principal without a proper name is refused", arguments: ActionsDatabase.allCases)
    func namesOfPrincipals(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let actions = platform.actions
            let run = try await platform.run(try await platform.workflow())
            for name in ["", "a\u{0}b", "a\nb", "\u{1b}[2J", "\u{7f}", String(repeating: "é", count: 128)] {
                let by = Principal(.user, name)
                #expect(
                    await Platform.code {
                        _ = try await actions.createRepository(owner: "octo", name: "dog", by: by)
                    } == .invalidInput)
                #expect(
                    await Platform.code { _ = try await actions.cancelWorkflowRun(run.id, by: by) } == .invalidInput)
                #expect(await Platform.code { _ = try await actions.getWorkflowRun(run.id, by: by) } == .invalidInput)
                #expect(await Platform.code { _ = try await actions.listAuditLog(by: by) } == .invalidInput)
                #expect(
                    await Platform.code {
                        for try await _ in actions.subscribe(to: run.id, by: by) {}
                    } == .invalidInput)
            }
            let longest = Principal(.user, String(repeating: "x", count: 255))
            _ = try await actions.createRepository(owner: "octo", name: "dog", by: longest)
        }
    }

    @Test("pages: each element once, at every border", arguments: ActionsDatabase.allCases)
    func paging(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let workflow = try await platform.workflow()
            var made: [WorkflowRunID] = []
            for number in 0..<7 { made.append(try await platform.run(workflow, sha: "sha\(number)").id) }
            let newest = Array(made.reversed())
            for limit in [1, 2, 3, 6, 7, 8, 1000] {
                var found: [WorkflowRunID] = []
                var cursor: PageCursor<WorkflowRun>?
                repeat {
                    let page = try await platform.actions.listWorkflowRuns(
                        WorkflowRunFilter(repository: platform.repository.id), after: cursor, limit: limit,
                        by: Platform.user)
                    #expect(page.items.count <= limit && !page.items.isEmpty)
                    found += page.items.map(\.id)
                    // A cursor survives as a text.
                    cursor = page.next.flatMap { PageCursor($0.description) }
                    #expect((cursor == nil) == (page.next == nil))
                } while cursor != nil
                #expect(found == newest)
            }
            for limit in [0, -1, 1001] {
                #expect(
                    await Platform.code {
                        _ = try await platform.actions.listWorkflowRuns(limit: limit, by: Platform.user)
                    } == .invalidInput)
            }
            // A run that is made between two pages is on none of them.
            let first = try await platform.actions.listWorkflowRuns(limit: 3, by: Platform.user)
            _ = try await platform.run(workflow)
            let second = try await platform.actions.listWorkflowRuns(after: first.next, limit: 4, by: Platform.user)
            #expect(first.items.map(\.id) + second.items.map(\.id) == newest && second.next == nil)
            // Filters.
            var filter = WorkflowRunFilter()
            filter.commitSHA = "sha3"
            #expect(try await platform.actions.listWorkflowRuns(filter, by: Platform.user).items.map(\.id) == [made[3]])
            filter = WorkflowRunFilter(workflow: workflow.id)
            filter.status = "queued"
            filter.branch = "main"
            filter.event = "push"
            filter.actor = "octocat"
            #expect(try await platform.actions.listWorkflowRuns(filter, by: Platform.user).items.count == 8)
            filter.createdBefore = try await platform.actions.getWorkflowRun(made[2], by: Platform.user).createdAt
            #expect(try await platform.actions.listWorkflowRuns(filter, by: Platform.user).items.count <= 2)
            filter.status = "failure"
            #expect(try await platform.actions.listWorkflowRuns(filter, by: Platform.user).items.isEmpty)
        }
    }
}
