public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension EnvironmentService {
    /// What a reviewer says of a run: lets in the jobs that wait before these environments (nil: before all of which the
    /// reviewer may speak), or fails them. A run that waits as a whole, as a fork asked for it, is let start or cancelled.
    /// Returns how many jobs, or 1 for a whole run.
    ///
    /// Throws ``ServiceError`` `not_found` for the run, `conflict` when nothing of it waits for an approval, `forbidden`,
    /// with an audit row, for who is no reviewer, or started the run where that is not allowed.
    @discardableResult
    public func review(
        _ run: RunID, _ verdict: GateReview.Verdict, environments: [String]? = nil, comment: String = "",
        by principal: Principal
    ) async throws -> Int {
        try InputCheck.size(comment, "the comment", limit: 1_024)
        let services = services
        // A whole run that waits is a fork's: to let that in is to let it write, not to review.
        let waits = Select("id").from("actions_workflow_runs").where("id = \(run)").and("hold = 'waiting'")
        let isHeld = try await services.backend.read { db in try db.first(waits) != nil }
        let isWhole = isHeld && environments == nil
        try await services.access.check(isWhole ? .runApprove : .jobReview, .run(run), by: principal)
        do {
            return try await services.transaction { db, changes in
                let scheduler = try changes.scheduler(run, services: services, by: principal, on: db)
                let review = Review(verdict: verdict, comment: comment, principal: principal, scheduler: scheduler)
                guard isWhole == (scheduler.run.hold == .waiting && environments == nil) else {
                    throw ServiceError(.conflict, "run \(run)", "what it waits for has just changed: look again")
                }
                let count = try isWhole ? review.wholeRun(on: db) : review.jobs(before: environments, on: db)
                try changes.drain(on: db)
                return count
            }
        } catch let error as ServiceError where error.code == .forbidden {
            try await AuditLog.deny(
                AuditEntry(verdict == .approved ? .runApprove : .runReject, .run, run.rawValue), by: principal, services
            )
            throw error
        }
    }

    /// What was said of a run, the oldest first.
    public func reviews(of run: RunID, by principal: Principal) async throws -> [GateReview] {
        try await services.access.check(.runRead, .run(run), by: principal)
        return try await services.backend.read { db in
            try db.run(Select("*").from("actions_gate_reviews").where("run_id = \(run)").orderBy("id"))
                .map { row in try GateReview(row) }
        }
    }
}

/// One word of a reviewer, within the transaction that stores it.
private struct Review {
    let verdict: GateReview.Verdict
    let comment: String
    let principal: Principal
    let scheduler: RunScheduler

    private var run: WorkflowRun { scheduler.run }

    func wholeRun(on db: isolated any StorageConnection) throws -> Int {
        try store(of: nil, before: nil, on: db)
        try AuditLog.record(
            AuditEntry(
                verdict == .approved ? .runApprove : .runReject, .run, run.id.rawValue, repository: run.repositoryID,
                after: remark), by: principal, on: db)
        switch verdict {
        case .approved: try scheduler.approve(on: db)
        case .rejected: try scheduler.cancelRun(reason: .reviewRejected, on: db)
        }
        return 1
    }

    func jobs(before names: [String]?, on db: isolated any StorageConnection) throws -> Int {
        let open = try Gates.open("g.run_id = \(run.id) AND g.approved_at IS NULL", limit: .max, on: db)
        let ids = Set(open.compactMap(\.environmentID)).map(\.rawValue).sorted()
        var waiting = try EnvironmentRows.load("e.id IN \(ids)", on: db).filter { !$0.rules.reviewers.isEmpty }
        if let names {
            let asked = Set(names.map { $0.lowercased() })
            let known = Set(waiting.map { $0.name.lowercased() })
            if let unknown = names.first(where: { !known.contains($0.lowercased()) }) {
                throw ServiceError(
                    .conflict, "run \(run.id)", "no job of it waits for an approval of environment \(unknown)")
            }
            waiting = waiting.filter { asked.contains($0.name.lowercased()) }
        }
        guard !waiting.isEmpty else {
            let rest =
                open.isEmpty
                ? "" : ": what waits for a timer goes on when it ends, or once its environment has no wait"
            throw ServiceError(.conflict, "run \(run.id)", "nothing of it waits for an approval\(rest)")
        }
        let starters = try Requester.starters(of: run, on: db)
        func obstacle(_ environment: DeploymentEnvironment) -> String? { self.obstacle(environment, starters) }
        let obstacles = waiting.compactMap(obstacle)
        if let obstacle = obstacles.first, names != nil || obstacles.count == waiting.count {
            throw ServiceError(.forbidden, "run \(run.id)", obstacle)
        }
        let allowed = waiting.filter { obstacle($0) == nil }
        var count = 0
        for gate in open {
            guard let environment = allowed.first(where: { $0.id == gate.environmentID }) else { continue }
            if try say(gate, environment, on: db) { count += 1 }
        }
        return count
    }

    /// Why the reviewer may not speak of that environment.
    private func obstacle(_ environment: DeploymentEnvironment, _ starters: Set<String>) -> String? {
        let login = principal.name.lowercased()
        let isReviewer = environment.rules.reviewers.contains { $0.lowercased() == login }
        guard principal.kind == .user, isReviewer else {
            return "\(principal.name) is no reviewer of environment \(environment.name)"
        }
        if environment.rules.preventsSelfReview, starters.contains(login) {
            return "\(principal.name) started the run, so somebody else must review it for \(environment.name)"
        }
        return nil
    }

    /// False when the word came too late for that job: another leg that was rejected ended it.
    private func say(
        _ gate: Gate, _ environment: DeploymentEnvironment, on db: isolated any StorageConnection
    ) throws -> Bool {
        switch verdict {
        case .approved:
            try db.run(
                Update("actions_gates").set("approved_at", .clampedNow(after: "opened_at"))
                    .where("execution_id = \(gate.executionID)").and("state = 'open'"))
            let due = try Gates.open("g.execution_id = \(gate.executionID) AND \(Gates.isDue())", limit: 1, on: db)
            if !due.isEmpty { try scheduler.pass(gate, on: db) }
        case .rejected:
            let words = comment.isEmpty ? "" : ": \(comment)"
            let message = "\(principal.name) rejected it for environment \(environment.name)\(words)"
            guard try scheduler.reject(gate, reason: .reviewRejected, message: message, on: db) else { return false }
        }
        try store(of: gate.executionID, before: environment.name, on: db)
        try AuditLog.record(
            AuditEntry(
                verdict == .approved ? .jobApprove : .jobReject, .job, gate.executionID.rawValue,
                repository: run.repositoryID, after: [("environment", .string(environment.name))] + remark),
            by: principal,
            on: db)
        return true
    }

    private var remark: AuditEntry.Fields { comment.isEmpty ? [] : [("comment", .string(comment))] }

    private func store(
        of execution: ExecutionID?, before environment: String?, on db: isolated any StorageConnection
    ) throws {
        try db.run(
            Insert("actions_gate_reviews").values([
                "run_id": run.id, "execution_id": execution, "environment": environment, "reviewer": principal.name,
                "verdict": verdict.rawValue, "comment": comment, "created_at": .now,
            ]))
    }
}
