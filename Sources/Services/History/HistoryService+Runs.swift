public import Model
internal import QueryBuilder
internal import Storage

extension HistoryService {
    /// The newest runs first: without a repository, of all that the principal may see.
    public func page(
        _ filter: Filter, after cursor: PageCursor<RunSummary>? = nil, limit: Int = 50, by principal: Principal
    ) async throws -> Page<RunSummary> {
        let limit = try InputCheck.limit(limit)
        var filter = filter
        if let cursor { filter.before = RunID(cursor.position) }
        var visible: SQL?
        if let repository = filter.repository {
            try await services.access.check(.runRead, .repository(repository), by: principal)
        } else {
            visible = try await services.access.readable(.runRead, by: principal)
        }
        return Page(try await runs(filter, visible, limit: limit + 1), limit: limit) { $0.run.id.rawValue }
    }

    /// The attempts of a run, the first one first. Throws ``ServiceError`` `not_found`.
    public func attempts(of run: RunID, by principal: Principal) async throws -> [RunAttempt] {
        try await services.access.check(.runRead, .run(run), by: principal)
        return try await services.backend.read { db in
            _ = try RunService.run(run, on: db)
            return try db.run(Select("*").from("actions_run_attempts").where("run_id = \(run)").orderBy("attempt"))
                .map { row in try RunAttempt(row) }
        }
    }

    /// An execution and the runner of its newest claim, nil when it was never claimed. Throws ``ServiceError``
    /// `not_found`.
    public func job(
        _ id: ExecutionID, by principal: Principal
    ) async throws -> (execution: JobExecution, runner: RunnerID?) {
        try await services.access.check(.runRead, .job(id), by: principal)
        let claim = Select("runner_id").from("actions_job_assignments").where("execution_id = \(id)")
            .orderBy("fencing_token DESC").limit(1)
        return try await services.backend.read { db in
            guard let row = try db.first(RunScheduler.executions().where("e.id = \(id)")) else {
                throw ServiceError(.notFound, "job \(id)", "there is no such job execution")
            }
            let runner = try db.first(claim)?["runner_id"] as Int64?
            return (try JobExecution(row), runner.map { ID($0) })
        }
    }

    /// The runners of the newest claims of those executions.
    public func runners(of executions: [ExecutionID]) async throws -> [ExecutionID: RunnerID] {
        let ids = executions.map(\.rawValue)
        return try await services.backend.read { db in
            var found: [ExecutionID: RunnerID] = [:]
            let rows = try db.run(
                Select("execution_id", "runner_id").from("actions_job_assignments")
                    .where("execution_id IN \(ids)").and("runner_id IS NOT NULL")
                    .orderBy("execution_id, fencing_token"))
            for row in rows { found[ID(try row["execution_id"])] = ID(try row["runner_id"]) }
            return found
        }
    }

    /// What the steps of an execution's newest claim wrote as summaries, by step number.
    public func summaries(of execution: ExecutionID) async throws -> [(step: Int64, content: String)] {
        let query = Select("s.step_number", "s.content").from("actions_summaries AS s")
            .where("s.assignment_id = \(LogService.newestAssignment(of: execution))").orderBy("s.step_number")
        return try await services.backend.read { db in
            try db.run(query).map { row in (try row["step_number"], try row["content"]) }
        }
    }

    /// Changes of state after that sequence, the oldest first. Throws ``ServiceError`` `not_found`.
    public func transitions(
        of run: RunID, after sequence: Int64 = 0, limit: Int = 500, by principal: Principal
    ) async throws -> [RunTransition] {
        try await services.access.check(.runRead, .run(run), by: principal)
        let limit = try InputCheck.limit(limit)
        return try await services.backend.read { db in
            _ = try RunService.run(run, on: db)
            return try Self.transitions(of: run, after: sequence, limit: limit, on: db)
        }
    }

    static func transitions(
        of run: RunID, after sequence: Int64, limit: Int, on db: isolated any StorageConnection
    ) throws -> [RunTransition] {
        try db.run(transitionQuery(of: run, after: sequence, limit: limit)).map { row in try RunTransition(row) }
    }

    static func transitionQuery(of run: RunID, after sequence: Int64, limit: Int) -> Select {
        Select("*").from("actions_transitions").where("run_id = \(run)").and("id > \(sequence)").orderBy("id")
            .limit(limit)
    }
}
