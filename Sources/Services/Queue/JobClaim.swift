internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Hands queued jobs to a runner, all in a few round trips, however many they are.
///
/// A claim holds its entries of the queue, and the rows of runs that it starts; it waits for nobody. Runs that go on
/// already are not locked: who cancels a job meanwhile waits for its row and finds it in progress.
struct JobClaim {
    struct Pick {
        var execution: ExecutionID
        var run: RunID
    }

    /// A job that cannot be handed out: it fails alone, after the claim, and never stands in the way of others.
    struct Refused {
        var token: JobToken
        var message: String
    }

    let runner: Runner
    let services: Services
    let principal: Principal
    let changes: Changes
    private(set) var refused: [Refused] = []

    init(_ runner: Runner, services: Services, principal: Principal, changes: Changes) {
        self.runner = runner
        self.services = services
        self.principal = principal
        self.changes = changes
    }

    /// Takes hold of up to `limit` of those entries of the queue, in order, and of their runs that are yet to start. What
    /// another transaction holds is passed over: who holds a run may wait for its entries.
    func hold(
        _ picks: [Pick], limit: Int, on db: isolated any StorageConnection
    ) throws -> (picks: [Pick], starting: [RunID]) {
        if picks.isEmpty { return ([], []) }
        let ids = picks.map(\.execution.rawValue)
        var entries = Select("q.execution_id", "q.workflow_run_id", "q.rank").from("actions_job_queue AS q")
            .where("q.execution_id IN \(ids)").orderBy("q.rank, q.execution_id")
        if limit < picks.count { entries = entries.limit(limit) }
        let held = try db.run(entries.forUpdate(skipLocked: true)).map { row in
            Pick(execution: ID(try row["execution_id"]), run: ID(try row["workflow_run_id"]))
        }
        let runs = Set(held.map(\.run.rawValue)).sorted()
        let queued = Select("id").from("actions_workflow_runs").where("id IN \(runs)").and("status = 'queued'")
            .orderBy("id")
        let results = try db.run([queued, queued.forUpdate(skipLocked: true)])
        let starting: Set<RunID> = Set(try results[1].map { row in ID(try row["id"]) })
        let others: Set<RunID> = Set(try results[0].map { row in ID(try row["id"]) }).subtracting(starting)
        return (held.filter { !others.contains($0.run) }, starting.sorted())
    }

    /// - Parameters:
    ///   - picks: entries of the queue that this transaction holds.
    ///   - starting: runs among theirs that are still queued, whose rows it holds too.
    ///   - finishing: whether these are the transaction's last statements.
    mutating func take(
        _ picks: [Pick], starting: [RunID], finishing: Bool, on db: isolated any StorageConnection
    ) throws -> [JobMessage] {
        let ids = picks.map(\.execution.rawValue).sorted()
        let runs = Set(picks.map(\.run)).sorted()
        var queries: [any Query] = [
            Reserve(ids.count, of: "actions_job_assignments"),
            Delete("actions_job_queue").where("execution_id IN \(ids)"),
            Update("actions_job_executions").set("status", JobStatus.inProgress).set("claims", sql: "claims + 1")
                .set("started_at", .clampedNow(after: "coalesce(queued_at, created_at)"))
                .where("id IN \(ids)").and("status = 'queued'"),
            RunScheduler.executions().where("e.id IN \(ids)").orderBy("e.id"),
        ]
        if !starting.isEmpty { queries += Self.start(starting.map(\.rawValue).sorted()) }
        let firstRun = queries.count
        for run in runs { queries += RunScheduler.load(run) }
        let results = try db.run(queries)
        guard results[1].changes == ids.count, results[2].changes == ids.count else {
            throw ServiceError(.illegalTransition, "jobs \(ids)", "not all of them are queued")
        }
        var schedulers: [RunID: RunScheduler] = [:]
        for (index, run) in runs.enumerated() {
            let at = firstRun + index * 2
            schedulers[run] = try RunScheduler(
                run, results[at], results[at + 1], services: services, by: principal, changes: changes)
        }
        var messages: [JobMessage] = []
        var assignments: [[any Bindable]] = []
        var leases: [[any Bindable]] = []
        var transitions: [RunID: [Transition]] = [:]
        for run in starting {
            transitions[run] = [
                Transition(
                    object: .run, id: run.rawValue, from: RunStatus.queued.rawValue,
                    to: RunStatus.inProgress.rawValue, reason: nil)
            ]
        }
        // Of a runner that lives by its lock there is no lease that could end.
        let until: any Bindable = runner.lockPath == nil ? SQL.now(plus: Lease.duration) : Term.null
        for (row, reserved) in zip(results[3], results[0]) {
            let job = try JobExecution(row)
            guard let scheduler = schedulers[job.runID] else { continue }
            let assignment = JobAssignment(
                id: ID(try reserved["id"]), executionID: job.id, fencingToken: job.claims,
                logMonth: job.startedAt?.month ?? 197001)
            assignments.append([
                assignment.id, job.id, job.repositoryID, runner.id, runner.name, job.claims, assignment.logMonth,
                job.startedAt, job.startedAt,
            ])
            leases.append([job.id, assignment.id, runner.id, job.claims, until])
            transitions[job.runID, default: []].append(
                Transition(
                    object: .job, id: job.id.rawValue, from: JobStatus.queued.rawValue,
                    to: JobStatus.inProgress.rawValue, reason: nil))
            changes.changedRuns.insert(job.runID)
            changes.events.append(.jobStarted(job))
            do {
                messages.append(try scheduler.message(for: job, assignment, on: db))
            } catch let error as StorageError {
                throw error
            } catch {
                refused.append(Refused(token: assignment.token, message: "\(error)"))
            }
        }
        let records = transitions.sorted { $0.key < $1.key }.map {
            Transition.insert($0.value, of: $0.key, by: principal) as any Query
        }
        try db.runAll(
            [
                Insert("actions_job_assignments").rows(
                    [
                        "id", "execution_id", "repository_id", "runner_id", "runner_name", "fencing_token",
                        "log_month", "claimed_at", "acknowledged_at",
                    ], assignments),
                Insert("actions_leases").rows(
                    ["execution_id", "assignment_id", "runner_id", "fencing_token", "lease_until"], leases),
            ] + records, finishing: finishing)
        // As they were picked: the highest rank first.
        let places = Dictionary(uniqueKeysWithValues: picks.enumerated().map { ($1.execution, $0) })
        return messages.sorted { places[$0.execution.id, default: 0] < places[$1.execution.id, default: 0] }
    }

    /// A run is in progress as soon as its first job is; its start is set once.
    private static func start(_ runs: [Int64]) -> [any Query] {
        [
            Update("actions_workflow_runs").set("status", RunStatus.inProgress).set("hold", nil as RunHold?)
                .set("started_at", .clampedNow(after: "created_at"))
                .where("id IN \(runs)").and("status = 'queued'"),
            Update("actions_run_attempts").set("status", RunStatus.inProgress).set("run_started_at", .now)
                .where("run_id IN \(runs)").and("status = 'queued'"),
        ]
    }
}
