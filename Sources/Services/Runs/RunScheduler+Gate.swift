internal import Model
internal import QueryBuilder
internal import Storage

extension RunScheduler {
    /// Whether the rules of the leg's environment let it in now. Else it waits at its gate, or has failed: its branch may
    /// not deploy. They are asked before any limit or group, so that a job without approval takes no place in one.
    func passesRules(_ leg: JobExecution, on db: isolated any StorageConnection) throws -> Bool {
        guard let name = leg.environment else { return true }
        if let row = try db.first(Select("*").from("actions_gates").where("execution_id = \(leg.id)")) {
            if try Gate(row).state == .passed { return true }
            try hold(leg, .gate, on: db)
            return false
        }
        // Who changes the rules sees the gate, or this sees the change.
        try EnvironmentRows.lock(name, in: run.repositoryID, on: db)
        guard let environment = try EnvironmentRows.find(name, in: run.repositoryID, on: db) else { return true }
        let rules = environment.rules
        guard rules.allows(ref: run.headRef) else {
            try finish(
                leg, .failure, reason: .refNotAllowed,
                message: "\(run.headRef) is not one that may deploy to environment \(environment.name)", on: db)
            return false
        }
        if rules.reviewers.isEmpty, rules.waitMinutes == 0 { return true }
        let now = try Self.time(on: db)
        try db.run(
            Insert("actions_gates").values([
                "execution_id": leg.id, "run_id": run.id, "environment_id": environment.id,
                "state": Gate.State.open.rawValue, "opened_at": now, "wait_until": rules.timer(from: now),
            ]))
        try hold(leg, .gate, on: db)
        changes.changedRuns.insert(run.id)
        changes.events.append(.jobGated(leg))
        return false
    }

    /// Nothing more is asked of the job: it goes on.
    func pass(_ gate: Gate, on db: isolated any StorageConnection) throws {
        guard try db.run(Gates.closing(gate.executionID, .passed)).changes == 1 else { return }
        ready.append(gate.executionID)
    }

    /// The job is not let in: it fails. False when its gate is not open any more.
    @discardableResult
    func reject(
        _ gate: Gate, reason: StatusReason, message: String, on db: isolated any StorageConnection
    ) throws -> Bool {
        guard try db.run(Gates.closing(gate.executionID, .rejected)).changes == 1 else { return false }
        try finish(try execution(gate.executionID, on: db), .failure, reason: reason, message: message, on: db)
        return true
    }
}
