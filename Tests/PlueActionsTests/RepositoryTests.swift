import Model
import Storage
import Testing

@testable import PlueActions

@Suite struct RepositoryTests {
    /// Everything that a repository can have is there before.
    @Test("deleteRepository leaves nothing but the audit log", arguments: ActionsDatabase.allCases)
    func deleteRepositoryLeavesNothing(_ database: ActionsDatabase) async throws {
        try await database.with { actions in
            let by = Platform.user
            let platform = try await Platform(actions, name: "cat")
            let runner = try await platform.runner("own", scope: .repository(platform.repository.id))
            _ = try await platform.workflow(
                "on: workflow_call\njobs: {i: {runs-on: x, steps: [{run: a}]}}", ".github/workflows/called.yml")
            let jobs = """
                  a: {runs-on: x, concurrency: g, steps: [{run: a}]}
                  b: {needs: a, runs-on: x, steps: [{run: a}]}
                  c: {uses: ./.github/workflows/called.yml}
                """
            for _ in 0..<2 { _ = try await platform.run(jobs: jobs) }
            let claimed = try await platform.claim(runner, 1)
            let job = try #require(claimed.first)
            try await actions.startStep(job.token, number: 1, name: "s", at: Timestamp(microseconds: 1), by: by)
            try await actions.appendLog(
                job.token, sequence: 0, firstLine: 1, firstByte: 0,
                [LogLine(step: 1, stream: .stdout, microseconds: 1, text: "x")], by: by)
            try await actions.addAnnotation(job.token, step: 1, Annotation(.error, "x"), by: by)
            try await actions.setSummary(job.token, step: 1, "x", by: by)
            let ended = try await platform.run(jobs: "  z: {runs-on: x, steps: [{run: a}]}", ".github/workflows/z.yml")
            try await actions.cancelWorkflowRun(ended.id, by: by)
            try await actions.rerunWorkflowRun(ended.id, by: by)
            try await actions.deleteRepository(platform.repository.id, by: by)
            // Label sets belong to nobody; the others are this installation's.
            let kept: Set = [
                "actions_audit_log", "actions_audit_bodies", "actions_schema_migrations", "actions_label_sets",
                "actions_installation", "actions_encryption_keys",
            ]
            for table in try await actions.tables(matching: "actions_%") where !kept.contains(table) {
                let count = try await platform.rows("SELECT count(*) AS n FROM \(table)")[0]["n"] as Int64
                #expect(count == 0, "\(table)")
            }
            #expect(try await actions.listAuditLog(limit: 1000, by: by).items.count > 5)
            #expect(await Platform.code { try await platform.complete(job) } == .staleAssignment)
            #expect(
                await Platform.code { _ = try await actions.getRepository(platform.repository.id, by: by) } == .notFound
            )
            _ = try await Platform(actions, name: "cat")
        }
    }

    @Test("deleteRepository beside those who make runs of it", arguments: ActionsDatabase.allCases)
    func deleteRepositoryBesideWriters(_ database: ActionsDatabase) async throws {
        try await database.with { actions in
            let platform = try await Platform(actions, name: "cat")
            let other = try await Platform(actions, name: "dog")
            let workflow = try await platform.workflow()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        for number in 0..<20 {
                            let code = await Platform.code {
                                if number % 5 == 4 {
                                    _ = try await platform.workflow(
                                        Platform.ci, ".github/workflows/\(worker)-\(number).yml")
                                }
                                _ = try await platform.run(workflow)
                            }
                            #expect(code == nil || code == .notFound || code == .constraint, "\(code as Any)")
                        }
                    }
                }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(30))
                    try await actions.deleteRepository(platform.repository.id, by: Platform.user)
                }
                try await group.waitForAll()
            }
            for table in ["workflows", "workflow_runs", "job_executions", "job_queue", "transitions"] {
                let rows = try await platform.rows("SELECT count(*) AS n FROM actions_\(table)")
                #expect(try rows[0]["n"] as Int64 == 0, "\(table)")
            }
            try await other.check()
        }
    }
}
