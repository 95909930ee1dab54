internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Hands queued jobs to runners, all in one statement where the database takes that, however many they are.
///
/// A claim holds its entries of the queue, and the rows of runs that it starts; it waits for nobody. Runs that go on
/// already are not locked: who cancels a job meanwhile waits for its entry and finds it in progress.
struct JobClaim {
    struct Pick {
        var execution: ExecutionID
        var run: RunID
        /// Of which a runner may be warm.
        var repository: RepositoryID?
    }

    /// Where a job can go.
    struct Seat {
        var runner: Runner
        /// Free once this job has ended, earlier in the same transaction: else it stays empty.
        var after: ExecutionID?
    }

    /// A job that was handed out.
    struct Claimed {
        var execution: JobExecution
        var assignment: JobAssignment
        var runner: RunnerID
        /// The job whose seat it has.
        var after: ExecutionID?
        /// When its repository was changed last.
        var repositoryTime: Timestamp?
    }

    /// A job that cannot be handed out: it fails alone, after the claim, and never stands in the way of others.
    struct Refused {
        var token: JobToken
        var message: String
    }

    let principal: Principal
    let changes: Changes

    /// Takes as many of these entries of the queue, in their order, as there are seats, the first for the runner of the
    /// first seat. What another transaction holds is passed over: who holds a run may wait for its entries. All runners
    /// have leases, or none.
    ///
    /// `finishing`: these are the transaction's last statements.
    func take(
        _ picks: [Pick], for seats: [Seat], finishing: Bool, on db: isolated any StorageConnection
    ) throws -> [Claimed] {
        guard let call = try call(picks, for: seats, db.dialect) else { return [] }
        return try claimed(try db.run([], then: [call], finishing: finishing)[0])
    }

    /// What takes them; nil if there is nothing to take.
    func call(_ picks: [Pick], for seats: [Seat], _ dialect: Dialect) throws -> PreparedUnit.Call? {
        if picks.isEmpty || seats.isEmpty { return nil }
        // Of a runner that lives by its lock there is no lease that could end.
        let unit = seats[0].runner.lockPath == nil ? Self.leased : Self.unleased
        let picks = try Self.picks.value(
            picks.enumerated().map { [.integer($1.execution.rawValue), .integer(Int64($0))] }, for: dialect)
        let chairs = try Self.seats.value(
            seats.enumerated().map { number, seat in
                [
                    .integer(Int64(number + 1)), .integer(seat.runner.id.rawValue), .text(seat.runner.name),
                    seat.after.map { .integer($0.rawValue) } ?? .null,
                ]
            }, for: dialect)
        return unit([picks, .integer(Int64(seats.count)), chairs, .text(principal.text)])
    }

    /// The jobs of the rows that ``call(_:for:_:)`` gave.
    func claimed(_ rows: Rows) throws -> [Claimed] {
        try rows.map { row in
            var job = try JobExecution(row)
            // The row may be as it was before the claim.
            job.status = .inProgress
            job.claims = try row["claim_token"]
            let time: Timestamp = try row["claimed_at"]
            job.startedAt = time
            changes.changedRuns.insert(job.runID)
            changes.events.append(.jobStarted(job))
            let assignment = JobAssignment(
                id: ID(try row["assignment_id"]), executionID: job.id, fencingToken: job.claims,
                logMonth: try row["log_month"])
            return Claimed(
                execution: job, assignment: assignment, runner: ID(try row["seat_runner"]),
                after: (try row["seat_after"] as Int64?).map { ID($0) },
                repositoryTime: try row["repository_time"])
        }
    }

    private static let picks = RowTable([("execution_id", .integer), ("place", .integer)])
    private static let seats = RowTable([
        ("seat", .integer), ("runner_id", .integer), ("runner_name", .text), ("after_id", .integer),
    ])
    private static let leased = unit(until: .now(plus: Lease.duration))
    private static let unleased = unit(until: "NULL")

    /// Arguments: the picks, how many seats, the seats, the principal.
    private static func unit(until: SQL) -> PreparedUnit {
        PreparedUnit(arguments: 4) { arguments in
            let transition: [StaticString] = [
                "run_id", "object", "object_id", "from_state", "to_state", "actor", "created_at",
            ]
            return Unit(
                "entry", ["execution_id", "run_id", "place", "token", "at"],
                Select(
                    "q.execution_id", "q.workflow_run_id", "g.place", "e.claims + 1",
                    "\(.clampedNow(after: "coalesce(e.queued_at, e.created_at)"))"
                )
                .from(
                    Select("p.execution_id", "p.place").from(picks.sql("p", arguments[0])).orderBy("p.place"), as: "g"
                )
                .lookUp("actions_job_queue", as: "q", on: "q.execution_id = g.execution_id")
                .lookUp("actions_job_executions", as: "e", on: "e.id = q.execution_id AND e.status = 'queued'").orderBy(
                    "g.place"
                )
                .limit(of: arguments[1]).forUpdate(of: "q", skipLocked: true)
            )
            .then(
                "starting", ["id"],
                Select("r.id").from("actions_workflow_runs AS r").where(
                    "r.id IN \(.keys(Select("run_id").from("entry")))"
                )
                .and("r.status = 'queued'").forUpdate(skipLocked: true)
            )
            // A run that starts in another transaction just now is left to the next claim.
            .then(
                "held", ["execution_id", "run_id", "place", "token", "at", "runner_id", "runner_name", "after_id"],
                Select(
                    "o.execution_id", "o.run_id", "o.place", "o.token", "o.at", "s.runner_id", "s.runner_name",
                    "s.after_id"
                )
                .from(
                    Select("n.*", "row_number() OVER (ORDER BY n.place) AS seat").from("entry AS n")
                        .join("actions_workflow_runs AS r", on: "r.id = n.run_id")
                        .where("(r.status <> 'queued' OR r.id IN (SELECT id FROM starting))"), as: "o"
                ).join(seats.sql("s", arguments[2]), on: "s.seat = o.seat")
                .where(
                    // A probe: of an EXISTS the planner may make a table of all leases. Of IS NULL it would expect few.
                    "s.after_id IS NULL OR (SELECT count(*) FROM actions_leases AS l WHERE l.execution_id = s.after_id) < 1"
                )
            )
            .then(
                "gone", [],
                Delete("actions_job_queue").where("execution_id IN \(.keys(Select("execution_id").from("held")))")
            )
            // A run is in progress as soon as its first job is; its start is set once.
            .then(
                "begun", ["id"],
                Update("actions_workflow_runs").set("status", RunStatus.inProgress).set("hold", nil as RunHold?)
                    .set("started_at", .clampedNow(after: "created_at"))
                    .where(
                        "id IN \(.keys(Select("s.id").from("starting AS s").join("held AS h", on: "h.run_id = s.id")))"
                    )
                    .and("status = 'queued'").returning("id")
            )
            .then(
                "attempts", [],
                Update("actions_run_attempts").set("status", RunStatus.inProgress).set("run_started_at", .now)
                    .where("run_id IN \(.keys(Select("id").from("begun")))").and("status = 'queued'")
            )
            .then(
                "assigned", ["id", "execution_id", "log_month"],
                Insert("actions_job_assignments").select(
                    [
                        "execution_id", "repository_id", "runner_id", "runner_name", "fencing_token", "log_month",
                        "claimed_at", "acknowledged_at",
                    ],
                    Select(
                        "h.execution_id", "e.repository_id", "h.runner_id", "h.runner_name", "h.token",
                        "\(.month(of: "h.at"))", "h.at", "h.at"
                    ).from("held AS h").join("actions_job_executions AS e", on: "e.id = h.execution_id").where("true")
                ).returning("id", "execution_id", "log_month")
            )
            .then(
                "leased", [],
                Insert("actions_leases").select(
                    ["execution_id", "assignment_id", "runner_id", "fencing_token", "lease_until"],
                    Select("h.execution_id", "a.id", "h.runner_id", "h.token", until).from("held AS h")
                        .join("assigned AS a", on: "a.execution_id = h.execution_id"))
            )
            .then(
                "told", [],
                Insert("actions_transitions").select(
                    transition,
                    Select("b.id", "'run'", "b.id", "'queued'", "'in_progress'", "\(arguments[3])", "\(.now)")
                        .from("begun AS b")
                        .unionAll(
                            Select(
                                "h.run_id", "'job'", "h.execution_id", "'queued'", "'in_progress'", "\(arguments[3])",
                                "\(.now)"
                            ).from("held AS h")))
            )
            .then(
                "taken", [],
                Update("actions_job_executions").set("status", JobStatus.inProgress).set("claims", sql: "claims + 1")
                    .set("started_at", sql: "h.at").from("held AS h").where("id = h.execution_id")
            )
            .last(
                Select(
                    "e.*", "j.version_id", "h.token AS claim_token", "h.at AS claimed_at", "a.id AS assignment_id",
                    "a.log_month", "h.runner_id AS seat_runner", "h.after_id AS seat_after",
                    "p.updated_at AS repository_time"
                )
                .from("held AS h").join("assigned AS a", on: "a.execution_id = h.execution_id")
                .join("actions_job_executions AS e", on: "e.id = h.execution_id")
                .join("actions_jobs AS j", on: "j.id = e.job_id")
                .join("actions_repositories AS p", on: "p.id = e.repository_id").orderBy("h.place"))
        }
    }
}
