internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Runners as they are read: with their labels, their last sign of life and how much they do.
enum RunnerRows {
    static func select() -> Select {
        Select(
            "r.*", "h.last_seen",
            "(SELECT count(*) FROM actions_leases AS busy WHERE busy.runner_id = r.id) AS live_leases",
            "coalesce(h.last_seen < \(.now(plus: .zero - Lease.duration)), false) AS is_silent"
        )
        .from("actions_runners AS r").leftJoin("actions_runner_heartbeats AS h", on: "h.runner_id = r.id")
    }

    /// What a claim reads of runners: each with its count of live claims and the oldest of them, which no assignment before
    /// its mark is.
    static func seats(_ marks: [(runner: RunnerID, from: AssignmentID)], for dialect: Dialect) throws -> Select {
        let live: SQL =
            "FROM actions_leases AS busy WHERE busy.runner_id = r.id AND busy.assignment_id >= m.assignment_id"
        let rows = marks.map { [Value.integer($0.runner.rawValue), .integer($0.from.rawValue)] }
        return try Select(
            "r.*", "(SELECT count(*) \(live)) AS live_leases",
            "(SELECT min(busy.assignment_id) \(live)) AS first_assignment"
        )
        .from(Self.marks.sql("m", Self.marks.value(rows, for: dialect)))
        .join("actions_runners AS r", on: "r.id = m.runner_id")
    }

    private static let marks = RowTable([("runner_id", .integer), ("assignment_id", .integer)])

    /// The runners of those rows, each with its count of live claims.
    static func load(
        _ rows: Rows, on db: isolated any StorageConnection
    ) throws -> [(runner: Runner, live: Int64)] {
        var loaded: [(runner: Runner, live: Int64)] = []
        for row in rows {
            var runner = try Runner(row)
            runner.lastSeen = try row["last_seen"]
            // No server may be there to say so.
            if runner.lockPath == nil, try row["is_silent"] { runner.status = .offline }
            if case .array(let list) = try ExpressionValue(json: row["supported_architectures"] as String) {
                runner.capabilities.supportedArchitectures = list.elements.map(\.text)
            }
            runner.liveJobs = try row["live_leases"]
            loaded.append((runner, runner.liveJobs))
        }
        let ids = loaded.map(\.runner.id.rawValue)
        var labels: [Int64: [String]] = [:]
        let found = try db.run(
            Select("runner_id", "label").from("actions_runner_labels").where("runner_id IN \(ids)").orderBy("label"))
        for row in found { labels[try row["runner_id"], default: []].append(try row["label"]) }
        for index in loaded.indices { loaded[index].runner.labels = labels[loaded[index].runner.id.rawValue] ?? [] }
        try RunnerGroupRows.load(into: &loaded, on: db)
        return loaded
    }

    /// Throws ``ServiceError`` `not_found`.
    static func one(
        _ id: RunnerID, on db: isolated any StorageConnection
    ) throws -> (runner: Runner, live: Int64) {
        guard let found = try load(db.run(select().where("r.id = \(id)")), on: db).first else {
            throw ServiceError(.notFound, "runner \(id)", "there is no such runner")
        }
        return found
    }

    /// The same, and whatever else claims for that runner or takes it away waits for this transaction.
    static func locked(
        _ id: RunnerID, on db: isolated any StorageConnection
    ) throws -> (runner: Runner, live: Int64) {
        try db.lock(Select("id").from("actions_runners").where("id = \(id)"))
        return try one(id, on: db)
    }
}
