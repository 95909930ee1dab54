public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RetentionService {
    /// Removes what is over its limit, class by class, some rows a transaction: whoever is stopped has removed whole runs,
    /// and the next call goes on. Any number of calls may be made at once.
    ///
    /// Of the audit log only bodies go, in whole months that are sealed and not held; rows, leaves, statistics and what has
    /// not ended stay. Versions of workflows that nothing uses any more go with their
    /// last run; in PostgreSQL, months of logs and transitions that are empty and two months old are dropped.
    ///
    /// Throws ``StorageError``.
    ///
    /// - Parameters:
    ///   - dryRun: changes nothing, and tells what would go, from one snapshot.
    ///   - limit: rows of a class at most; nil: all. A dry run has none.
    /// - Returns: a result a class, in the order logs, runs, events, audit.
    public func prune(
        _ classes: Set<RetentionClass> = Set(RetentionClass.allCases), dryRun: Bool = false, limit: Int? = nil,
        by principal: Principal
    ) async throws -> [PruneResult] {
        try await services.access.check(.retentionUpdate, .installation, by: principal)
        let (limits, scopes) = try await services.backend.read { db in
            let limits = try RetentionLimits(on: db)
            return (limits, limits.scopes(at: try RunScheduler.time(on: db)))
        }
        let empty = RetentionClass.allCases.filter(classes.contains).map { kind in
            PruneResult(retentionClass: kind, days: limits.days(kind, in: nil))
        }
        if dryRun { return try await Self.survey(empty, scopes, classes, services) }
        var results: [PruneResult] = []
        for var result in empty {
            let kind = result.retentionClass
            do {
                if kind == .audit, let moment = scopes.first?.cutoff(.audit) {
                    try await removeAuditBodies(before: moment, limit: limit ?? .max, by: principal, &result)
                } else {
                    try await remove(kind, scopes, limit: limit ?? .max, &result)
                }
            } catch {
                // What is gone is told; and again by the next call if this fails too.
                try? await tell(kind, scopes, by: principal)
                throw error
            }
            try await tell(kind, scopes, by: principal)
            results.append(result)
        }
        try await Partitions.dropEmpty(services.backend)
        return results
    }

    private func remove(
        _ kind: RetentionClass, _ scopes: [RetentionScope], limit: Int, _ result: inout PruneResult
    ) async throws {
        if kind == .runs { try await removeLogsOfRuns(scopes, limit: limit) }
        var left = limit
        for scope in scopes {
            for repository in try await repositories(kind, scope) {
                while left > 0 {
                    let part = try await removeSome(kind, of: repository, scope, atMost: left)
                    result.add(part.rows, oldest: part.oldest)
                    left -= part.rows
                    if part.isLast { break }
                }
            }
        }
    }

    /// Before the runs themselves, so that no transaction removes more than some chunks. Only runs whose attempts are
    /// counted are removed.
    private func removeLogsOfRuns(_ scopes: [RetentionScope], limit: Int) async throws {
        var isCounted = false
        for scope in scopes {
            for repository in try await repositories(.runs, scope) {
                if !isCounted { try await services.statistics.rollUp() }
                isCounted = true
                var left = limit
                while left > 0 {
                    let part = try await removeSome(
                        .logs, of: repository, scope, atMost: left, before: scope.cutoff(.runs))
                    left -= part.rows
                    if part.isLast { break }
                }
            }
        }
    }

    /// Those that have something to remove.
    private func repositories(_ kind: RetentionClass, _ scope: RetentionScope) async throws -> [RepositoryID] {
        let moment = scope.cutoff(kind)
        let something: Select =
            switch kind {
            case .logs:
                Select("1").from("actions_workflow_runs AS r").where("r.repository_id = p.id")
                    .and("r.logs_removed_at IS NULL").and(RetentionScope.runs(before: moment))
            case .runs:
                Select("1").from("actions_workflow_runs AS r").where("r.repository_id = p.id")
                    .and(RetentionScope.runs(before: moment))
            case .events:
                Select("1").from("actions_events AS v").where("v.repository_id = p.id")
                    .and(RetentionScope.events(before: moment)).and(scope.isUnused(prunesRuns: false))
            case .audit:
                // It goes by months, of all repositories together.
                Select("1").from("actions_audit_bodies AS b").where("1 = 0")
            }
        let query = Select("p.id").from("actions_repositories AS p").where(scope.holds("p.id"))
            .and("EXISTS \(something)").orderBy("p.id")
        return try await services.backend.read { db in try db.run(query).map { row in ID(try row["id"]) } }
    }

    private func removeSome(
        _ kind: RetentionClass, of repository: RepositoryID, _ scope: RetentionScope, atMost limit: Int,
        before moment: Timestamp? = nil
    ) async throws -> PrunePart {
        var batch = batch
        batch.runs = kind == .runs ? min(batch.runs, limit) : batch.runs
        batch.rows = min(batch.rows, limit)
        let pruning = Pruning(
            repository: repository, moment: moment ?? scope.cutoff(kind), unused: scope.isUnused(prunesRuns: false),
            batch: batch)
        // Chunks that go for the sake of their runs are told with these.
        let told = moment == nil
        return try await services.transaction { db, _ in
            try Self.lock([kind], on: db)
            try db.runAll(PlanByIndex.queries(for: db.dialect))
            let part = try pruning.remove(kind, on: db)
            if told, part.rows > 0 {
                try db.run(
                    Update("actions_retention").set("untold", sql: "untold + \(part.rows)")
                        .where("class = \(kind)").and("repository_id IS NULL"))
            }
            return part
        }
    }

    /// One audit row for what was removed since the last one.
    private func tell(_ kind: RetentionClass, _ scopes: [RetentionScope], by principal: Principal) async throws {
        let row = Select("id", "untold").from("actions_retention").where("class = \(kind)")
            .and("repository_id IS NULL").and("untold > 0")
        guard let moment = scopes.first?.cutoff(kind),
            try await services.backend.read({ db in try db.first(row) != nil })
        else { return }
        try await services.transaction { db, _ in
            guard let found = try db.first(row.forUpdate()) else { return }
            let count: Int64 = try found["untold"]
            let id: Int64 = try found["id"]
            try db.run(Update("actions_retention").set("untold", 0).where("id = \(id)"))
            try AuditLog.record(
                AuditEntry(
                    .retentionPrune, .retention, id,
                    before: [
                        ("class", .string(kind.rawValue)), ("rows", .number(Double(count))),
                        ("until", .string(moment.iso8601)),
                    ]), by: principal, on: db)
        }
    }

    private static func survey(
        _ empty: [PruneResult], _ scopes: [RetentionScope], _ classes: Set<RetentionClass>, _ services: Services
    ) async throws -> [PruneResult] {
        try await services.backend.read { db in
            try empty.map { result in
                var result = result
                if result.retentionClass == .audit {
                    guard let moment = scopes.first?.cutoff(.audit) else { return result }
                    result.add(try countAuditBodies(before: moment, on: db), oldest: nil)
                    return result
                }
                for scope in scopes {
                    let query = query(result.retentionClass, scope, prunesRuns: classes.contains(.runs))
                    guard let query else { continue }
                    let row = try db.one(query)
                    result.add(try row["n"], oldest: try row["oldest"])
                }
                return result
            }
        }
    }

    /// Nil for the audit log, which goes by months.
    private static func query(_ kind: RetentionClass, _ scope: RetentionScope, prunesRuns: Bool) -> Select? {
        let moment = scope.cutoff(kind)
        switch kind {
        case .logs:
            return Select("count(*) AS n", "min(r.completed_at) AS oldest").from("actions_workflow_runs AS r")
                .join("actions_job_executions AS e", on: "e.workflow_run_id = r.id")
                .join("actions_job_assignments AS s", on: "s.execution_id = e.id")
                .join("actions_log_chunks AS c", on: "c.assignment_id = s.id AND c.month = s.log_month")
                .where(scope.holds("r.repository_id")).and("r.logs_removed_at IS NULL")
                .and(RetentionScope.runs(before: moment))
        case .runs:
            return Select("count(*) AS n", "min(r.completed_at) AS oldest").from("actions_workflow_runs AS r")
                .where(scope.holds("r.repository_id")).and(RetentionScope.runs(before: moment))
        case .events:
            return Select("count(*) AS n", "min(v.created_at) AS oldest").from("actions_events AS v")
                .where(scope.holds("v.repository_id")).and(RetentionScope.events(before: moment))
                .and(scope.isUnused(prunesRuns: prunesRuns))
        case .audit: return nil
        }
    }
}
