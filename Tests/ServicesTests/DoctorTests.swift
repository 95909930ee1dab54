import Model
import Storage
import Testing

@testable import Services

/// What the doctor finds when a database was tampered with.
@Suite struct DoctorTests {
    private static let faults: [(statement: String, rule: String)] = [
        ("DELETE FROM actions_job_queue", "the queue holds the queued jobs"),
        (
            "UPDATE actions_job_queue SET rank = rank - 1099511627776",
            "jobs have the priority of their run, and stand in its class of the queue"
        ),
        (
            "UPDATE actions_workflow_runs SET priority = 1",
            "jobs have the priority of their run, and stand in its class of the queue"
        ),
        ("DELETE FROM actions_live_runs", "live runs are the open ones"),
        ("DELETE FROM actions_leases", "leases are of the jobs with steps in progress"),
        (
            "UPDATE actions_job_assignments SET finished_at = claimed_at",
            "a lease is of the newest assignment, which is open"
        ),
        (
            "UPDATE actions_job_executions SET pending_needs = pending_needs + 1",
            "pending_needs is the count of open needs"
        ),
        ("DELETE FROM actions_concurrency_slots", "a job with a group goes on without its slot"),
        ("UPDATE actions_concurrency_slots SET state = 'pending'", "somebody waits for a group that nobody holds"),
        ("UPDATE actions_workflows SET next_run_number = 1", "a run number is higher than those that were given"),
        ("UPDATE actions_job_executions SET hold = NULL", "a pending job waits for nothing"),
        ("UPDATE actions_run_attempts SET status = 'in_progress'", "the attempt says what the run says"),
        (
            "DELETE FROM actions_transitions WHERE object = 'job' AND to_state = 'in_progress'",
            "the last transition is not the state"
        ),
        ("UPDATE actions_job_executions SET matrix_total = 3", "legs number 0 to total"),
        (
            "INSERT INTO actions_delayed_jobs SELECT execution_id, queued_at FROM actions_job_queue",
            "the queue holds the queued jobs"
        ),
        (
            "UPDATE actions_runners SET runner_group_id = (SELECT max(id) FROM actions_runner_groups)",
            "a runner and its group belong to different owners"
        ),
        ("UPDATE actions_role_grants SET role = 'maintain'", "somebody has a role, and nobody is administrator"),
    ]

    @Test(arguments: TestDatabase.allCases)
    func findsWhatWasTamperedWith(_ database: TestDatabase) async throws {
        for (statement, rule) in Self.faults {
            try await database.with { backend in
                let services = try await Services.open(backend, migrations: database.migrations)
                let engine = try await Engine(services, location: "/r")
                _ = try await services.runners.createGroup("g", by: Engine.principal)
                try await services.access.grant(
                    .admin, to: Engine.principal.name, on: .installation, by: Engine.principal)
                try await engine.create(
                    """
                      a: {runs-on: x, concurrency: g, steps: [{run: a}]}
                      b: {runs-on: x, steps: [{run: b}]}
                      c: {runs-on: x, needs: a, steps: [{run: b}]}
                    """)
                if !statement.contains("run_attempts") { _ = try await engine.claim(1) }
                try await engine.write(statement)
                let found = try await services.doctor.check()
                #expect(found.contains { $0.rule == rule && !$0.ids.isEmpty }, "\(statement): \(found)")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func theAuditLogIsInsertOnly(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            for table in ["actions_audit_log", "actions_audit_bodies"] {
                for statement in ["DELETE FROM \(table)", "UPDATE \(table) SET month = 202601"] {
                    let error = await #expect(throws: StorageError.self) { try await engine.write(statement) }
                    #expect(error?.code == .raised, "\(statement): \(error as Any)")
                }
            }
            guard database == .postgres else { return }
            let partitions = try await engine.rows(
                "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'actions_audit_bodies'::regclass"
            )
            let names: [String] = try partitions.map { try $0["name"] }
            #expect(names.count >= 4)
            for name in names + ["actions_audit_log", "actions_audit_bodies"] {
                for setting in ["", "SET LOCAL session_replication_role = replica; "] {
                    let error = await #expect(throws: StorageError.self) {
                        try await engine.services.backend.transaction { db in
                            if !setting.isEmpty {
                                _ = try db.execute(Statement(sql: "SET LOCAL session_replication_role = replica"))
                            }
                            _ = try db.execute(Statement(sql: "TRUNCATE \(name) CASCADE"))
                        }
                    }
                    #expect(error?.code == .raised, "\(name) \(setting)")
                }
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func illegalTransitionsAreRefusedByTheDatabase(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            try await engine.finish()
            #expect(try await engine.run(run.id).status == .completed)
            for statement in [
                "UPDATE actions_workflow_runs SET status = 'in_progress', conclusion = NULL, completed_at = NULL",
                "UPDATE actions_run_attempts SET status = 'queued', conclusion = NULL, completed_at = NULL",
                "UPDATE actions_job_executions SET status = 'queued', conclusion = NULL, completed_at = NULL",
            ] {
                let error = await #expect(throws: StorageError.self) { try await engine.write(statement) }
                #expect(error?.code == .raised, "\(statement): \(error as Any)")
            }
        }
    }
}
