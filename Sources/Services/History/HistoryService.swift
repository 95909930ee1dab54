public import Model
internal import QueryBuilder
public import Storage

/// What happened: runs, their jobs and steps.
public struct HistoryService: Sendable {
    let services: Services

    /// A run with the names that a list shows.
    public struct RunSummary: Sendable {
        public var run: WorkflowRun
        public var repository: Repository
        public var filename: String
    }

    /// What a list of runs is narrowed to.
    public struct Filter: Sendable {
        public var repository: RepositoryID?
        public var workflow: WorkflowID?
        public var filename: String?
        public var event: String?
        public var branch: String?
        /// A status or a conclusion.
        public var status: String?
        public var headSHA: String?
        public var actor: String?
        /// Made at that moment or later.
        public var createdFrom: Timestamp?
        /// Made before that moment.
        public var createdBefore: Timestamp?
        /// Only runs with a smaller id: the next page.
        public var before: RunID?

        public init() {}
    }

    /// The newest runs first.
    public func runs(_ filter: Filter = Filter(), limit: Int = 20) async throws -> [RunSummary] {
        try await runs(filter, nil, limit: limit)
    }

    /// - Parameter visible: a condition on `p`, the run's repository.
    func runs(_ filter: Filter, _ visible: SQL?, limit: Int) async throws -> [RunSummary] {
        var query = Self.summaries().orderBy("r.id DESC").limit(limit)
        if let visible { query = query.and(visible) }
        if let repository = filter.repository { query = query.and("r.repository_id = \(repository)") }
        if let filename = filter.filename { query = query.and("w.filename = \(filename)") }
        if let event = filter.event { query = query.and("r.event = \(event)") }
        if let branch = filter.branch { query = query.and("r.head_branch = \(branch)") }
        if let status = filter.status { query = query.and(Self.condition(status, filter.repository)) }
        if let workflow = filter.workflow { query = query.and("r.workflow_id = \(workflow)") }
        if let sha = filter.headSHA { query = query.and("r.head_sha = \(sha)") }
        if let actor = filter.actor { query = query.and("r.actor = \(actor)") }
        if let moment = filter.createdFrom { query = query.and("r.created_at >= \(moment)") }
        if let moment = filter.createdBefore { query = query.and("r.created_at < \(moment)") }
        if let before = filter.before { query = query.and("r.id < \(before)") }
        let selected = query
        return try await services.backend.read { db in try db.run(selected).map(Self.summary) }
    }

    /// A status or a conclusion, so that an index serves it: runs that have not ended are few.
    private static func condition(_ status: String, _ repository: RepositoryID?) -> SQL {
        switch RunStatus(rawValue: status) {
        case .queued, .inProgress:
            let live = Select("l.run_id").from("actions_live_runs AS l")
            let own = repository.map { live.where("l.repository_id = \($0)") } ?? live
            return "r.status = \(status) AND r.id IN \(own)"
        case .completed: return "r.status = \(status)"
        case .cancelled, nil: return "r.conclusion = \(status)"
        }
    }

    /// That run, or nil.
    public func run(_ id: RunID) async throws -> RunSummary? {
        try await services.backend.read { db in
            try db.first(Self.summaries().where("r.id = \(id)")).map(Self.summary)
        }
    }

    /// The repository at that place, or nil when nothing of it was stored.
    public func repository(location: String) async throws -> Repository? {
        try await services.backend.read { db in
            try db.first(Select("*").from("actions_repositories").where("location = \(location)"))
                .map { row in try Repository(row) }
        }
    }

    private static func summaries() -> Select {
        Select(
            "r.*", "w.filename", "p.location", "p.owner", "p.name AS repository_name", "p.default_branch",
            "p.organization_id"
        )
        .from("actions_workflow_runs AS r").join("actions_workflows AS w", on: "w.id = r.workflow_id")
        .join("actions_repositories AS p", on: "p.id = r.repository_id")
    }

    private static func summary(_ row: Row) throws -> RunSummary {
        let run = try WorkflowRun(row)
        var repository = Repository(
            id: run.repositoryID, location: try row["location"], owner: try row["owner"],
            name: try row["repository_name"], defaultBranch: try row["default_branch"])
        repository.organizationID = try row["organization_id"]
        return RunSummary(run: run, repository: repository, filename: try row["filename"])
    }

    /// The jobs of an attempt (nil: the latest), in the order in which they were made.
    public func jobs(of run: RunID, attempt: Int64? = nil) async throws -> [JobExecution] {
        let attempts = Select("a.id").from("actions_run_attempts AS a")
        let chosen =
            if let attempt {
                attempts.where("a.run_id = \(run)").and("a.attempt = \(attempt)")
            } else {
                attempts.join("actions_workflow_runs AS r", on: "a.run_id = r.id AND a.attempt = r.latest_attempt")
                    .where("r.id = \(run)")
            }
        // The attempt is found once, not for each of its jobs.
        let query = RunScheduler.executions().where("e.attempt_id = \(chosen)").orderBy("e.id")
        return try await services.backend.read { db in
            try db.run(query).map { row in try JobExecution(row) }
        }
    }

    /// The steps of an execution's newest assignment.
    public func steps(of execution: ExecutionID) async throws -> [JobStepRecord] {
        let query = Select("s.*").from("actions_steps AS s")
            .where(
                "s.assignment_id = \(LogService.newestAssignment(of: execution))"
            ).orderBy("s.number")
        return try await services.backend.read { db in
            try db.run(query).map { row in try JobStepRecord(row) }
        }
    }

    /// The annotations of an execution's newest assignment.
    public func annotations(of execution: ExecutionID) async throws -> [Annotation] {
        let query = Select("n.*").from("actions_annotations AS n")
            .where(
                "n.assignment_id = \(LogService.newestAssignment(of: execution))"
            ).orderBy("n.id")
        return try await services.backend.read { db in
            try db.run(query).map { row in
                var annotation = Annotation(try row["level"], try row["message"])
                annotation.title = try row["title"]
                annotation.file = try row["file"]
                annotation.line = try row["line"]
                annotation.endLine = try row["end_line"]
                annotation.column = try row["column_number"]
                annotation.endColumn = try row["end_column"]
                return annotation
            }
        }
    }
}
