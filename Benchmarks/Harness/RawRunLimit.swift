internal import Model
internal import Storage

/// The database's own limit for the rows of a run: the same rows, from copies of them that lie in tables beside, one
/// `INSERT … SELECT` a table, in one transaction and one round trip.
struct RawRunLimit {
    /// The columns that are other numbers in each copy of the run.
    private static let numbered: [(table: String, columns: [String], rows: String)] = [
        ("actions_events", ["id"], "id = (SELECT event_id FROM actions_workflow_runs WHERE id = RUN)"),
        ("actions_workflow_runs", ["id", "event_id", "run_number"], "id = RUN"),
        ("actions_run_attempts", ["id", "run_id"], "run_id = RUN"),
        ("actions_live_runs", ["run_id", "attempt_id"], "run_id = RUN"),
        ("actions_transitions", ["id", "run_id", "object_id"], "run_id = RUN"),
        ("actions_audit_log", ["id"], "object_kind = 'run' AND object_id = 'RUN'"),
        (
            "actions_audit_bodies", ["audit_id"],
            "audit_id IN (SELECT id FROM actions_audit_log WHERE object_kind = 'run' AND object_id = 'RUN')"
        ),
        ("actions_job_executions", ["id", "workflow_run_id", "attempt_id"], "workflow_run_id = RUN"),
        (
            "actions_execution_needs", ["needs_execution_id", "execution_id"],
            "execution_id IN (SELECT id FROM actions_job_executions WHERE workflow_run_id = RUN)"
        ),
        ("actions_job_queue", ["execution_id", "workflow_run_id"], "workflow_run_id = RUN"),
    ]
    /// Further apart than any two ids of one run.
    private static let distance: Int64 = 1_000_000

    private let backend: any StorageBackend
    private let statements: [String]
    private let copies: Copies

    private actor Copies {
        var count: Int64 = 0

        func next() -> Int64 {
            count += 1
            return count
        }
    }

    /// Lays the rows of `run` aside.
    init(_ run: WorkflowRun, _ backend: any StorageBackend) async throws {
        self.backend = backend
        copies = Copies()
        let parameter = backend.dialect.parameter(1)
        statements = try await backend.withConnection { db in
            var statements: [String] = []
            for (table, numbered, rows) in Self.numbered {
                let copy = "bench_" + table.dropFirst("actions_".count)
                let condition = rows.replacing("RUN", with: String(run.id.rawValue))
                _ = try db.execute(Statement(sql: "DROP TABLE IF EXISTS \(copy)"))
                _ = try db.execute(Statement(sql: "CREATE TABLE \(copy) AS SELECT * FROM \(table) WHERE \(condition)"))
                let columns = try db.table(table).columns.map(\.name)
                let cast = db.dialect.writesInWith ? "::bigint" : ""
                let values = columns.map { column in
                    if numbered.contains(column) { return "\(column) + (SELECT shift FROM bench_shift)" }
                    if column == "delivery_id" { return "delivery_id || (SELECT shift FROM bench_shift)" }
                    return column
                }
                statements.append(
                    "WITH bench_shift (shift) AS (SELECT \(parameter)\(cast)) INSERT INTO \(table)"
                        + " (\(columns.joined(separator: ", "))) SELECT \(values.joined(separator: ", ")) FROM \(copy)")
            }
            return statements
        }
    }

    /// One more copy of the run; seconds.
    func insert() async throws -> Double {
        let shift = await copies.next() * Self.distance
        let statements = statements.map { Statement(sql: $0, parameters: [.integer(shift)]) }
        return try await Alternating.time {
            try await backend.transaction { db in _ = try db.finishing(statements) }
        }
    }
}
