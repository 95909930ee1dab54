internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Jobs that wait for the rules of their environments.
enum Gates {
    /// Open ones, the oldest first; `g` is a gate.
    static func open(
        _ condition: SQL, limit: Int, on db: isolated any StorageConnection
    ) throws -> [Gate] {
        let query = Select("g.*").from("actions_gates AS g").where("g.state = 'open'").and(condition)
            .orderBy("g.opened_at, g.execution_id")
        return try db.run(limit == .max ? query : query.limit(limit)).map { row in try Gate(row) }
    }

    /// Nothing more is asked of such a gate: its timer ran out, and whoever must approve it did.
    static func isDue() -> SQL {
        """
        (g.wait_until IS NULL OR g.wait_until <= \(.now)) AND (g.approved_at IS NOT NULL OR NOT EXISTS
        (SELECT 1 FROM actions_environment_reviewers AS w WHERE w.environment_id = g.environment_id))
        """
    }

    /// Lets in those of which nothing more is asked.
    static func passDue(
        _ condition: SQL, _ services: Services, _ changes: Changes, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws {
        for gate in try open("\(condition) AND \(isDue())", limit: .max, on: db) {
            try changes.scheduler(gate.runID, services: services, by: principal, on: db).pass(gate, on: db)
        }
        try changes.drain(on: db)
    }

    /// Ends an open gate.
    static func closing(_ execution: ExecutionID, _ state: Gate.State) -> Update {
        Update("actions_gates").set("state", state).set("closed_at", .clampedNow(after: "opened_at"))
            .where("execution_id = \(execution)").and("state = 'open'")
    }

    /// A wait timer that was changed counts again from when each job reached the environment.
    static func restart(
        _ environment: DeploymentEnvironment, since before: EnvironmentRules?, on db: isolated any StorageConnection
    ) throws {
        guard let before, before.waitMinutes != environment.rules.waitMinutes else { return }
        for gate in try open("g.environment_id = \(environment.id)", limit: .max, on: db) {
            try db.run(
                Update("actions_gates").set("wait_until", environment.rules.timer(from: gate.openedAt))
                    .where("execution_id = \(gate.executionID)").and("state = 'open'"))
        }
    }
}

extension EnvironmentRules {
    /// The end of the wait timer of a job that reached the environment then; nil without one.
    func timer(from moment: Timestamp) -> Timestamp? {
        waitMinutes == 0 ? nil : moment.advanced(by: .seconds(60 * waitMinutes))
    }

    /// Whether a run of that ref may deploy. What is neither branch nor tag, such as `refs/pull/7/merge`, is compared
    /// with branch patterns as it is.
    func allows(ref: String) -> Bool {
        if refs.isEmpty { return true }
        let tag = ref.hasPrefix("refs/tags/") ? String(ref.dropFirst(10)) : nil
        let name = tag ?? (ref.hasPrefix("refs/heads/") ? String(ref.dropFirst(11)) : ref)
        let patterns = refs.filter { $0.kind == (tag == nil ? .branch : .tag) }
        return patterns.contains { FilterPattern($0.pattern).matches(name) }
    }
}
