internal import Model
internal import Services
internal import Storage

/// What must not happen to a job, whatever the load; each is 0.
package struct LoadFaults: Sendable, Equatable {
    /// Jobs that did not end in success although nothing failed.
    package var lost = 0
    /// Jobs that were handed out, or whose end was taken, more than once.
    package var doubled = 0
    /// Jobs that began before a job that they need had ended.
    package var outOfOrder = 0
    /// Rules of the doctor that do not hold.
    package var brokenRules = 0

    package init(lost: Int = 0, doubled: Int = 0, outOfOrder: Int = 0, brokenRules: Int = 0) {
        (self.lost, self.doubled, self.outOfOrder, self.brokenRules) = (lost, doubled, outOfOrder, brokenRules)
    }

    package var isNone: Bool { self == LoadFaults() }

    package var all: [(name: String, count: Int)] {
        [("lost", lost), ("doubled", doubled), ("out_of_order", outOfOrder), ("broken_rules", brokenRules)]
    }

    /// `2 jobs lost, 1 done twice`
    package var text: String {
        let words = [
            (lost, "lost"), (doubled, "done twice"), (outOfOrder, "out of order"), (brokenRules, "rules broken"),
        ]
        return words.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    static func + (a: Self, b: Self) -> Self {
        LoadFaults(
            lost: a.lost + b.lost, doubled: a.doubled + b.doubled, outOfOrder: a.outOfOrder + b.outOfOrder,
            brokenRules: a.brokenRules + b.brokenRules)
    }

    /// Of the jobs of a database with an id above `id`, of which there should be `expected` (nil: however many).
    static func found(in services: Services, after id: Int64 = 0, expected: Int? = nil, doctor: Bool) async throws
        -> Self
    {
        let counts = try await services.backend.read { db in
            try [
                "SELECT count(*) AS n FROM actions_job_executions WHERE id > \(id) AND kind = 'steps'",
                "SELECT count(*) AS n FROM actions_job_executions WHERE id > \(id) AND kind = 'steps'"
                    + " AND (conclusion IS NULL OR conclusion <> 'success')",
                "SELECT count(*) AS n FROM actions_job_executions WHERE id > \(id) AND claims > 1",
                "SELECT count(*) AS n FROM actions_execution_needs AS n"
                    + " JOIN actions_job_executions AS e ON e.id = n.execution_id"
                    + " JOIN actions_job_executions AS d ON d.id = n.needs_execution_id"
                    + " WHERE e.id > \(id) AND e.started_at IS NOT NULL"
                    + " AND (d.completed_at IS NULL OR d.completed_at > e.started_at)",
            ].map { sql in try db.execute(Statement(sql: sql)).first?["n"] ?? 0 as Int }
        }
        let missing = expected.map { max(0, $0 - counts[0]) } ?? 0
        let rules = doctor ? try await services.doctor.check().count : 0
        return LoadFaults(lost: counts[1] + missing, doubled: counts[2], outOfOrder: counts[3], brokenRules: rules)
    }
}
