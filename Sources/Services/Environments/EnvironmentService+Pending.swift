public import Model
internal import QueryBuilder
internal import Storage

extension EnvironmentService {
    /// What waits for an approval or a wait timer, the oldest first, at most `limit` (1 to 1000) of jobs and of runs; of
    /// one run, or of all that the principal may see.
    public func pending(
        of run: RunID? = nil, limit: Int = 100, by principal: Principal
    ) async throws -> [PendingReview] {
        let limit = try InputCheck.limit(limit)
        var visible: SQL = "1 = 1"
        if let run {
            try await services.access.check(.runRead, .run(run), by: principal)
        } else {
            visible = try await services.access.readable(.runRead, by: principal)
        }
        let isVisible = visible
        let ofJob: SQL = run.map { "g.run_id = \($0)" } ?? "1 = 1"
        let ofRun: SQL = run.map { "r.id = \($0)" } ?? "1 = 1"
        return try await services.backend.read { db in
            let gates = try db.run(
                Select(
                    "r.id", "r.run_number", "r.display_title", "r.triggering_actor", "p.owner",
                    "p.name AS repository_name", "e.id AS execution_id", "e.name", "g.environment_id",
                    "e.environment", "g.opened_at", "g.wait_until", "g.approved_at"
                )
                .from("actions_gates AS g").join("actions_job_executions AS e", on: "e.id = g.execution_id")
                .join("actions_workflow_runs AS r", on: "r.id = g.run_id")
                .join("actions_repositories AS p", on: "p.id = r.repository_id")
                .where("g.state = 'open'").and(ofJob).and(isVisible).orderBy("g.opened_at, g.execution_id").limit(limit)
            )
            let ids = Set(try gates.compactMap { row in try row["environment_id"] as Int64? }).sorted()
            let environments = try EnvironmentRows.load("e.id IN \(ids)", on: db)
            let runs = try db.run(
                Select(
                    "r.id", "r.run_number", "r.display_title", "r.triggering_actor", "p.owner",
                    "p.name AS repository_name", "r.created_at"
                )
                .from("actions_workflow_runs AS r").join("actions_repositories AS p", on: "p.id = r.repository_id")
                .where("r.hold = 'waiting'").and(ofRun).and(isVisible).orderBy("r.id").limit(limit))
            return try runs.map { row in try Self.review(row, since: row["created_at"]) }
                + gates.map { row in
                    var review = try Self.review(row, since: row["opened_at"])
                    review.job = (ID(try row["execution_id"]), try row["name"])
                    review.environment = try row["environment"]
                    review.waitUntil = try row["wait_until"]
                    let id: Int64? = try row["environment_id"]
                    if try row["approved_at"] as Timestamp? == nil {
                        review.reviewers = environments.first { $0.id.rawValue == id }?.rules.reviewers ?? []
                    }
                    return review
                }
        }
    }

    private static func review(_ row: Row, since: Timestamp) throws -> PendingReview {
        PendingReview(
            runID: ID(try row["id"]), runNumber: try row["run_number"], title: try row["display_title"],
            repository: "\(try row["owner"] as String)/\(try row["repository_name"] as String)",
            actor: try row["triggering_actor"], since: since, reviewers: [])
    }

    /// Lets in the jobs of which nothing more is asked, each in a transaction of its own: of these runs, or (nil) of all.
    /// Any number of processes may do this at the same time. Returns how many.
    @discardableResult
    public func passDue(of runs: Set<RunID>? = nil, limit: Int = 100, by principal: Principal) async throws -> Int {
        try await services.access.check(.serverWork, .installation, by: principal)
        let ids = runs?.map(\.rawValue)
        let chosen: SQL = ids.map { "g.run_id IN \($0)" } ?? "1 = 1"
        let due = try await services.backend.read { db in
            try Gates.open("\(chosen) AND \(Gates.isDue())", limit: limit, on: db)
        }
        return try await each(due, by: principal) { scheduler, gate, db in try scheduler.pass(gate, on: db) }
    }

    /// Fails jobs that no reviewer let in for ``RunDeadlines/approval``. Returns how many.
    @discardableResult
    func failOverdue(limit: Int, by principal: Principal) async throws -> Int {
        let overdue = try await services.backend.read { db in
            try Gates.open(
                "g.opened_at < \(.now(plus: .zero - RunDeadlines.approval)) AND NOT (\(Gates.isDue()))", limit: limit,
                on: db)
        }
        let days = RunDeadlines.approval.components.seconds / 86_400
        return try await each(overdue, by: principal) { scheduler, gate, db in
            try scheduler.reject(
                gate, reason: .approvalTimeout, message: "nobody approved it for \(days) days", on: db)
        }
    }

    private func each(
        _ gates: [Gate], by principal: Principal,
        _ body: @escaping @Sendable (RunScheduler, Gate, isolated any StorageConnection) throws -> Void
    ) async throws -> Int {
        let services = services
        for gate in gates {
            do {
                try await services.transaction { db, changes in
                    let scheduler = try changes.scheduler(gate.runID, services: services, by: principal, on: db)
                    try body(scheduler, gate, db)
                    try changes.drain(on: db)
                }
            } catch let error as ServiceError where error.code == .notFound {
                // The run was removed meanwhile.
                continue
            }
        }
        return gates.count
    }
}
