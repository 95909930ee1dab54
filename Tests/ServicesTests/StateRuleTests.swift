import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// The rules of states: what the types allow, and what the database refuses whoever writes it.
@Suite struct StateRuleTests {
    private static let illegal: [String] = [
        "UPDATE actions_job_executions SET status = 'completed' WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET conclusion = 'success' WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET status = 'cancelled', conclusion = 'failure', completed_at = started_at + TICK WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET status = 'completed', conclusion = 'failure', completed_at = started_at + TICK WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET status = 'failed', conclusion = 'success', completed_at = started_at + TICK WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET status = 'completed', conclusion = 'success', completed_at = started_at - TICK WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET status = 'running' WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET hold = 'needs' WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET started_at = NULL WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET started_at = queued_at - TICK WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET queued_at = created_at - TICK WHERE status = 'in_progress'",
        "UPDATE actions_job_executions SET pending_needs = -1",
        "UPDATE actions_job_executions SET matrix_index = 1",
        "UPDATE actions_job_executions SET max_parallel = 0",
        "UPDATE actions_workflow_runs SET status = 'completed'",
        "UPDATE actions_workflow_runs SET conclusion = 'success'",
        "UPDATE actions_workflow_runs SET status = 'cancelled', conclusion = 'success', completed_at = started_at + TICK",
        "UPDATE actions_workflow_runs SET status = 'completed', conclusion = 'cancelled', completed_at = started_at + TICK",
        "UPDATE actions_workflow_runs SET hold = 'pending'",
        "UPDATE actions_workflow_runs SET started_at = created_at - TICK",
        "UPDATE actions_workflow_runs SET latest_attempt = 52",
        "UPDATE actions_workflow_runs SET run_number = 0",
        "INSERT INTO actions_workflow_runs SELECT * FROM actions_workflow_runs",
        "UPDATE actions_run_attempts SET attempt = 52",
        "UPDATE actions_run_attempts SET status = 'completed'",
        "INSERT INTO actions_run_attempts (run_id, attempt, triggering_actor, status, created_at) SELECT run_id, attempt, 'x', 'queued', created_at FROM actions_run_attempts",
        "UPDATE actions_job_assignments SET finished_at = claimed_at - TICK",
        "UPDATE actions_job_assignments SET acknowledged_at = claimed_at - TICK",
        "INSERT INTO actions_leases (execution_id, assignment_id, fencing_token) SELECT execution_id, assignment_id, 9 FROM actions_leases",
        "INSERT INTO actions_steps (assignment_id, number, name, context_name, status) SELECT id, 1, 'a', 'a', 'completed' FROM actions_job_assignments",
        "INSERT INTO actions_steps (assignment_id, number, name, context_name, status, outcome, conclusion) SELECT id, 1, 'a', 'a', 'skipped', 'success', 'success' FROM actions_job_assignments",
        "INSERT INTO actions_steps (assignment_id, number, name, context_name, status) SELECT id, 0, 'a', 'a', 'pending' FROM actions_job_assignments",
        "INSERT INTO actions_execution_needs SELECT id, id FROM actions_job_executions",
        "INSERT INTO actions_log_chunks SELECT log_month, id, 0, 1, 1, 0, 1, BLOB FROM actions_job_assignments",
        "INSERT INTO actions_concurrency_slots (repository_id, key_folded, run_id, state) SELECT repository_id, key_folded, run_id, 'running' FROM actions_concurrency_slots",
    ]

    @Test(arguments: TestDatabase.allCases, illegal)
    func theDatabaseRefuses(_ database: TestDatabase, _ statement: String) async throws {
        try await Engine.with(database) { engine in
            try await engine.create("  a: {runs-on: x, concurrency: g, steps: [{run: a}]}")
            _ = try await engine.claim()
            let isPostgres = database == .postgres
            let sql = statement.replacing("TICK", with: isPostgres ? "interval '1 second'" : "1")
                .replacing("BLOB", with: isPostgres ? "convert_to(repeat('x', 65537), 'UTF8')" : "zeroblob(65537)")
            let error = await #expect(throws: StorageError.self) { try await engine.write(sql) }
            #expect(
                error.map { [.unique, .check, .notNull, .foreignKey].contains($0.code) } == true, "\(error as Any)")
        }
    }

    @Test func statesEndOnce() {
        for status in JobStatus.allCases {
            #expect(!status.canBecome(.pending))
            for next in JobStatus.allCases where status.isTerminal { #expect(!status.canBecome(next)) }
            if !status.isTerminal {
                for next in JobStatus.allCases where next.isTerminal { #expect(status.canBecome(next)) }
            }
        }
        #expect(JobStatus.pending.canBecome(.queued) && JobStatus.queued.canBecome(.inProgress))
        #expect(!JobStatus.queued.canBecome(.queued) && !JobStatus.inProgress.canBecome(.inProgress))
        for status in RunStatus.allCases where status.isTerminal {
            for next in RunStatus.allCases { #expect(status.canBecome(next) == (next == .queued)) }
        }
        #expect(!RunStatus.inProgress.canBecome(.queued))
        for conclusion in JobConclusion.allCases { #expect(conclusion.status.isTerminal) }
        for conclusion in RunConclusion.allCases { #expect(conclusion.status.isTerminal) }
    }

    @Test func resultsOfLegsCombine() {
        #expect(JobConclusion.combined([]) == .skipped)
        #expect(JobConclusion.combined([.success, .skipped]) == .success)
        #expect(JobConclusion.combined([.success, .cancelled]) == .cancelled)
        #expect(JobConclusion.combined([.cancelled, .startupFailure]) == .failure)
    }
}
