internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Moves one run forward within one transaction: releases jobs whose needs ended, expands matrices and calls, admits
/// legs to the queue, ends jobs and finally the run. Everything that decides what runs next is here, whoever ran the
/// job that ended.
final class RunScheduler {
    let services: Services
    let principal: Principal
    let changes: Changes
    var run: WorkflowRun
    let facts: RunFacts
    /// Workflow versions of the files that the run calls, by path.
    private(set) var referenced: [String: Int64]
    /// The jobs of a workflow were made: if these are none, the run has ended.
    var beganJobs = false
    /// A job has not ended, as was seen since the last one ended.
    var isKnownOpen = false
    /// Executions that nothing holds any more: decided about in ``Changes/drain(on:)``, the last first.
    var ready: [ExecutionID] = []

    /// That of a stored run. Throws ``ServiceError`` when there is no such run.
    ///
    /// The run's row is locked first, in a statement of its own, and read by the next ones of the same round trip: whatever
    /// else decides about the run waits until this transaction has ended.
    convenience init(
        _ id: RunID, services: Services, by principal: Principal, changes: Changes,
        on db: isolated any StorageConnection
    ) throws {
        let results = try db.run(Self.locked(id, db.dialect.locksRows)).suffix(2)
        guard let run = results.first, let owner = results.last else {
            throw ServiceError(.notFound, "run \(id)", "there is no such run")
        }
        self.init(
            try RunFacts(id, run, owner), services: services, by: principal, changes: changes)
    }

    /// As ``load(_:)``, the run's row locked in a statement of its own before.
    static func locked(_ id: some Bindable, _ locksRows: Bool) -> [any Query] {
        let lock = Select("id").from("actions_workflow_runs").where("id = \(id)").forUpdate()
        return (locksRows ? [lock] : []) + load(id)
    }

    /// The run, and its repository; `id` may be an expression.
    static func load(_ id: some Bindable) -> [any Query] {
        [
            Select(
                "r.*", "a.id AS attempt_id", "a.attempt", "l.runner_id AS bound_runner",
                "ev.payload AS event_payload"
            )
            .from("actions_workflow_runs AS r")
            .join("actions_run_attempts AS a", on: "a.run_id = r.id AND a.attempt = r.latest_attempt")
            .leftJoin("actions_live_runs AS l", on: "l.run_id = r.id")
            .leftJoin("actions_events AS ev", on: "ev.id = r.event_id")
            .where("r.id = \(id)"),
            Select("p.*").from("actions_repositories AS p")
                .join("actions_workflow_runs AS r", on: "r.repository_id = p.id").where("r.id = \(id)"),
        ]
    }

    /// Of what ``load(_:)`` gave, or of a run that is about to be stored.
    init(_ facts: RunFacts, services: Services, by principal: Principal, changes: Changes) {
        self.services = services
        self.principal = principal
        self.changes = changes
        self.facts = facts
        run = facts.run
        referenced = facts.referenced
    }

    var repository: Repository { facts.repository }
    var attemptID: Int64 { facts.attemptID }
    var attemptNumber: Int64 { facts.attemptNumber }
    /// The runner of a local run: its jobs go to nobody else.
    var boundRunner: RunnerID? { facts.boundRunner }
    var selection: RunSelection { facts.selection }

    func workflow(version: Int64, on db: isolated any StorageConnection) throws -> Workflow {
        try services.workflows.version(version, changes, on: db).workflow
    }

    /// Adds files that the run may call from now on.
    func refer(to files: [(String, Int64)], on db: isolated any StorageConnection) throws {
        let new = files.filter { referenced[$0.0] == nil }
        guard !new.isEmpty else { return }
        for (path, version) in new { referenced[path] = version }
        let all = ExpressionObject(
            referenced.sorted { $0.key < $1.key }.map { ($0.key, ExpressionValue.number(Double($0.value))) },
            caseSensitive: true)
        try db.run(
            Update("actions_workflow_runs")
                .set("referenced_workflows", .json(ExpressionValue.object(all).json(pretty: false)))
                .where("id = \(run.id)"))
    }

    func referencedVersion(_ path: String) -> Int64? {
        referenced[path]
    }

    func githubContext(on db: isolated any StorageConnection) throws -> [(String, ExpressionValue)] {
        try facts.github(path: try workflow(version: run.versionID, on: db).file)
    }

    /// `github`, `vars`, `inputs` and `needs` as the job sees them.
    func contexts(
        of execution: JobExecution, needs: NeedsView, on db: isolated any StorageConnection
    ) throws -> ExpressionContext {
        try contexts(inputs: try inputs(of: execution, on: db), needs: needs, on: db)
    }

    func contexts(
        inputs: ExpressionValue, needs: NeedsView, on db: isolated any StorageConnection
    ) throws -> ExpressionContext {
        ExpressionContext(
            values: [
                "github": .object(ExpressionObject(try githubContext(on: db))),
                "vars": facts.variables,
                "inputs": inputs,
                "needs": needs.value,
            ],
            functions: needs.statusFunctions(isCancelled: run.cancelRequestedAt != nil))
    }

    /// `github`, `vars` and `inputs` as the run's own name and group see them.
    func runContext(on db: isolated any StorageConnection) throws -> ExpressionContext {
        ExpressionContext(values: [
            "github": .object(ExpressionObject(try githubContext(on: db))), "vars": facts.variables,
            "inputs": facts.inputs,
        ])
    }

    /// The `inputs` context: those of the call that the job belongs to, else those of the run.
    func inputs(of execution: JobExecution, on db: isolated any StorageConnection) throws -> ExpressionValue {
        guard let parent = execution.parentID else { return facts.inputs }
        return try ExpressionValue(json: try self.execution(parent, on: db).inputs ?? "{}")
    }

    // MARK: Executions

    static func executions() -> Select {
        Select("e.*", "j.version_id AS version_id").from("actions_job_executions AS e")
            .join("actions_jobs AS j", on: "j.id = e.job_id")
    }

    func execution(_ id: ExecutionID, on db: isolated any StorageConnection) throws -> JobExecution {
        guard let row = try db.first(Self.executions().where("e.id = \(id)")) else {
            throw ServiceError(.notFound, "job \(id)", "there is no such job execution")
        }
        return try JobExecution(row)
    }

    func definition(of execution: JobExecution, on db: isolated any StorageConnection) throws -> Job {
        guard let job = try workflow(version: execution.versionID, on: db).job(execution.jobKey) else {
            throw ServiceError(.notFound, "job \(execution.jobKey)", "its workflow has no such job")
        }
        return job
    }

    // MARK: Transitions

    /// Stores a change of state for auditors, metrics and other processes that follow the run. Throws ``ServiceError``
    /// `illegal_transition` for one that the state machine does not have.
    func recordTransition(
        job execution: JobExecution, to status: JobStatus, reason: StatusReason?, on db: isolated any StorageConnection
    ) throws {
        guard execution.status.canBecome(status) else {
            throw Self.illegal("job \(execution.id)", execution.status.rawValue, status.rawValue)
        }
        try record(.job, execution.id.rawValue, execution.status.rawValue, status.rawValue, reason, on: db)
    }

    /// The same of the run; a new one comes from nil.
    func recordTransition(
        from previous: RunStatus?, to status: RunStatus, reason: StatusReason?, on db: isolated any StorageConnection
    ) throws {
        if let previous, !previous.canBecome(status) {
            throw Self.illegal("run \(run.id)", previous.rawValue, status.rawValue)
        }
        try record(.run, run.id.rawValue, previous?.rawValue, status.rawValue, reason, on: db)
    }

    private static func illegal(_ subject: String, _ from: String, _ to: String) -> ServiceError {
        ServiceError(.illegalTransition, subject, "it cannot go from \(from) to \(to)")
    }

    private func record(
        _ object: Transition.Object, _ id: Int64, _ from: String?, _ to: String, _ reason: StatusReason?,
        on db: isolated any StorageConnection
    ) throws {
        changes.changedRuns.insert(run.id)
        let change = Transition(object: object, id: id, from: from, to: to, reason: reason)
        try db.run(Transition.insert([change], of: run.id, by: principal))
    }
}
