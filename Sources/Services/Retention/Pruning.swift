internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// What one transaction of a pruning removed.
struct PrunePart: Sendable {
    var rows = 0
    var oldest: Timestamp?
    /// There was no more of it.
    var isLast = false
}

/// One transaction of a pruning, of one repository. The row of its class is locked before.
struct Pruning: Sendable {
    let repository: RepositoryID
    /// What ended before is removed.
    let moment: Timestamp
    /// Of the deliveries `v`: no run refers to it.
    let unused: SQL
    let batch: PruneBatch

    func remove(_ kind: RetentionClass, on db: isolated any StorageConnection) throws -> PrunePart {
        switch kind {
        case .logs: try removeLogs(on: db)
        case .runs: try removeRuns(on: db)
        case .events: try removeEvents(on: db)
        // By month, not by repository: `AuditPruning`.
        case .audit: PrunePart(isLast: true)
        }
    }

    /// Ended runs that are over the limit, the oldest first, locked.
    private func runs(_ condition: SQL) -> Select {
        Select("r.id").from("actions_workflow_runs AS r").where("r.repository_id = \(repository)").and(condition)
            .and(RetentionScope.runs(before: moment)).orderBy("r.completed_at", "r.id").limit(batch.runs)
            .forUpdate(of: "r", skipLocked: true)
    }

    private func removeLogs(on db: isolated any StorageConnection) throws -> PrunePart {
        let runs: [Int64] = try db.run(runs("r.logs_removed_at IS NULL")).map { row in try row["id"] }
        if runs.isEmpty { return PrunePart(isLast: true) }
        let chunks = Select("c.month", "c.assignment_id", "c.seq").from("actions_job_executions AS e")
            .join("actions_job_assignments AS s", on: "s.execution_id = e.id")
            .join("actions_log_chunks AS c", on: "c.assignment_id = s.id AND c.month = s.log_month")
            .where("e.workflow_run_id IN \(runs)").limit(batch.rows)
        let removed: [Int64] = try db.run(
            Delete("actions_log_chunks").where("(month, assignment_id, seq) IN \(chunks)").returning("assignment_id")
        ).map { row in try row["assignment_id"] }
        let assignments = Array(Set(removed))
        var part = PrunePart(rows: removed.count, isLast: removed.count < batch.rows && runs.count < batch.runs)
        if !assignments.isEmpty {
            // From the first chunk on: half a log is none.
            try db.run(
                Update("actions_job_assignments").set("logs_removed_at", .now).where("id IN \(assignments)")
                    .and("logs_removed_at IS NULL"))
            part.oldest = try db.one(
                Select("min(r.completed_at) AS oldest").from("actions_job_assignments AS s")
                    .join("actions_job_executions AS e", on: "e.id = s.execution_id")
                    .join("actions_workflow_runs AS r", on: "r.id = e.workflow_run_id")
                    .where("s.id IN \(assignments)"))["oldest"]
        }
        if removed.count < batch.rows {
            try db.run(Update("actions_workflow_runs").set("logs_removed_at", .now).where("id IN \(runs)"))
        }
        return part
    }

    private func removeRuns(on db: isolated any StorageConnection) throws -> PrunePart {
        let counted: SQL = """
            r.logs_removed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM actions_run_attempts AS a
            WHERE a.run_id = r.id AND NOT a.in_statistics)
            """
        let found: [Int64] = try db.run(runs(counted)).map { row in try row["id"] }
        let runs = try bounded(found, on: db)
        if runs.isEmpty { return PrunePart(isLast: true) }
        let rows = try db.run(
            Select("version_id", "CAST(referenced_workflows AS TEXT) AS files", "completed_at")
                .from("actions_workflow_runs").where("id IN \(runs)"))
        var part = PrunePart(rows: runs.count, isLast: found.count < batch.runs && runs.count == found.count)
        var versions: Set<Int64> = []
        var called: Set<Int64> = []
        for row in rows {
            versions.insert(try row["version_id"])
            called.formUnion(try Self.versions(inFiles: row["files"]))
            let completed: Timestamp = try row["completed_at"]
            part.oldest = min(part.oldest ?? completed, completed)
        }
        try db.run(Delete("actions_workflow_runs").where("id IN \(runs)"))
        try removeVersions(Array(versions.union(called)), on: db)
        return part
    }

    /// As many of the runs, from the first on, as have so many jobs together; at least one.
    private func bounded(_ runs: [Int64], on db: isolated any StorageConnection) throws -> [Int64] {
        var jobs: [Int64: Int] = [:]
        let counts = try db.run(
            Select("workflow_run_id", "count(*) AS n").from("actions_job_executions")
                .where("workflow_run_id IN \(runs)").groupBy("workflow_run_id"))
        for row in counts { jobs[try row["workflow_run_id"]] = try row["n"] }
        var sum = 0
        return Array(
            runs.enumerated().prefix { index, run in
                sum += jobs[run] ?? 0
                return index == 0 || sum <= batch.jobs
            }.map(\.element))
    }

    /// Removes those of the versions that nothing uses any more. Who makes a run of one locks its workflow's row first.
    private func removeVersions(_ versions: [Int64], on db: isolated any StorageConnection) throws {
        let workflows = Select("v.workflow_id").from("actions_workflow_versions AS v").where("v.id IN \(versions)")
        try db.lock(Select("id").from("actions_workflows").where("id IN \(workflows)").orderBy("id"))
        let unused: [Int64] = try db.run(
            Select("v.id").from("actions_workflow_versions AS v").where("v.id IN \(versions)")
                .and("NOT EXISTS (SELECT 1 FROM actions_workflows AS w WHERE w.current_version_id = v.id)")
                .and("NOT EXISTS (SELECT 1 FROM actions_schedules AS s WHERE s.version_id = v.id)")
                .and("NOT EXISTS (SELECT 1 FROM actions_workflow_runs AS r WHERE r.version_id = v.id)")
                .and(
                    """
                    NOT EXISTS (SELECT 1 FROM actions_jobs AS j JOIN actions_job_executions AS e ON e.job_id = j.id
                    WHERE j.version_id = v.id)
                    """)
        ).map { row in try row["id"] }
        if unused.isEmpty { return }
        // A call that did not begin is named by its run alone.
        var named: Set<Int64> = []
        let calls = Select("CAST(referenced_workflows AS TEXT) AS files").distinctRows().from("actions_workflow_runs")
            .where("CAST(referenced_workflows AS TEXT) NOT IN ('[]', '{}')")
        for row in try db.run(calls) { named.formUnion(try Self.versions(inFiles: row["files"])) }
        try db.run(Delete("actions_workflow_versions").where("id IN \(unused.filter { !named.contains($0) })"))
    }

    /// Of `{path: version}`.
    private static func versions(inFiles json: String) throws -> [Int64] {
        guard case .object(let files) = try ExpressionValue(json: json) else { return [] }
        return files.pairs.compactMap { Int64(exactly: $0.value.number) }
    }

    private func removeEvents(on db: isolated any StorageConnection) throws -> PrunePart {
        let rows = try db.run(
            Select("v.id", "v.created_at").from("actions_events AS v").where("v.repository_id = \(repository)")
                .and(RetentionScope.events(before: moment)).and(unused).orderBy("v.created_at", "v.id")
                .limit(batch.rows).forUpdate(of: "v", skipLocked: true))
        var part = PrunePart(rows: rows.count, isLast: rows.count < batch.rows)
        if rows.isEmpty { return part }
        part.oldest = try rows.first?["created_at"]
        let ids: [Int64] = try rows.map { row in try row["id"] }
        try db.run(Delete("actions_events").where("id IN \(ids)"))
        return part
    }
}
