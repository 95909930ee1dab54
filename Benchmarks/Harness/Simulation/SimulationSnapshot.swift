internal import Model
internal import QueryBuilder
internal import Storage

/// What the tables say at one moment, as far as the model looks at them.
struct SimulationSnapshot: Sendable {
    struct Job: Sendable {
        /// What may not change once the job ended.
        struct State: Sendable, Equatable {
            var status: JobStatus
            var conclusion: JobConclusion?
            var startedAt: Timestamp?
            var completedAt: Timestamp?
            var outputs: String
            var claims: Int64
        }

        /// The legs of one job of an attempt.
        struct Matrix: Sendable, Hashable {
            var attempt: Int64
            var path: String
            var key: String
        }

        var id: ExecutionID
        var run: RunID
        var matrix: Matrix
        var isCall: Bool
        var isCarried: Bool
        var maxParallel: Int64?
        var lostClaims: Int64
        var group: String?
        /// Lower-case.
        var environment: String?
        var state: State
    }

    struct Run: Sendable {
        var id: RunID
        var isTerminal: Bool
        var isHeld: Bool
        /// A job of it waits before its environment.
        var hasGate = false
        var latestAttempt: Int64
        var group: String?
    }

    struct Attempt: Sendable, Equatable {
        var status: RunStatus
        var conclusion: String?
        var completedAt: Timestamp?
        var isTerminal: Bool { conclusion != nil }
    }

    /// What the environment of a job asked for.
    struct Rules: Sendable {
        var isPassed: Bool
        var isApproved: Bool
        var until: Timestamp?
    }

    struct Lease: Sendable {
        var token: Int64
        var until: Timestamp?
    }

    struct Assignment: Sendable, Equatable {
        var job: ExecutionID
        var token: Int64
        var claimedAt: Timestamp
        var finishedAt: Timestamp?
    }

    var jobs: [ExecutionID: Job] = [:]
    /// Each job that needs another, and the other.
    var needs: [(job: ExecutionID, needed: ExecutionID)] = []
    var runs: [RunID: Run] = [:]
    var attempts: [Int64: Attempt] = [:]
    var gates: [ExecutionID: Rules] = [:]
    var leases: [ExecutionID: Lease] = [:]
    var assignments: [Int64: Assignment] = [:]
    /// Jobs that are not to start before.
    var delayed: [ExecutionID: Timestamp] = [:]
    var queued = 0
    var slots = 0
    /// Of each workflow: runs, the highest number, the next one.
    var numbers: [(count: Int64, highest: Int64, next: Int64)] = []
    /// Rows that this connection has changed since it was opened, where the database counts them.
    var changes: Int64?

    /// In the order in which they were made.
    var runIDs: [RunID] { runs.keys.sorted() }

    func isLive(_ token: JobToken) -> Bool { leases[token.executionID]?.token == token.fencingToken }
}

extension SimulationSnapshot {
    private static let queries: [any Query] = [
        Select(
            "id", "workflow_run_id", "attempt_id", "call_path", "job_key", "kind", "source_execution_id",
            "max_parallel", "lost_claims", "concurrency_key", "environment", "status", "conclusion", "started_at",
            "completed_at",
            "outputs", "claims"
        ).from("actions_job_executions").orderBy("id"),
        Select("execution_id", "needs_execution_id").from("actions_execution_needs"),
        Select("id", "conclusion", "hold", "latest_attempt", "concurrency_key").from("actions_workflow_runs"),
        Select("id", "status", "conclusion", "completed_at").from("actions_run_attempts"),
        Select("execution_id", "fencing_token", "lease_until").from("actions_leases"),
        Select("id", "execution_id", "fencing_token", "claimed_at", "finished_at").from("actions_job_assignments"),
        Select("count(*) AS n").from("actions_job_queue"),
        Select("count(*) AS n").from("actions_concurrency_slots"),
        Select("count(*) AS n", "max(r.run_number) AS highest", "max(w.next_run_number) AS next_number")
            .from("actions_workflow_runs AS r").join("actions_workflows AS w", on: "w.id = r.workflow_id")
            .groupBy("w.id"),
        Select("execution_id", "run_id", "state", "approved_at", "wait_until").from("actions_gates"),
        Select("execution_id", "not_before").from("actions_delayed_jobs"),
    ]

    /// - Parameter changes: of the last snapshot: nil is returned when nothing changed since.
    static func read(
        _ backend: any StorageBackend, unlessStill changes: Int64?
    ) async throws -> SimulationSnapshot? {
        try await backend.read { db in
            var snapshot = SimulationSnapshot()
            if !db.dialect.locksRows {
                let count = try db.execute(Statement(sql: "SELECT total_changes() AS n"))
                snapshot.changes = try count.first?["n"]
                if let changes, snapshot.changes == changes { return nil }
            }
            try snapshot.fill(try db.run(queries))
            return snapshot
        }
    }

    private mutating func fill(_ results: [Rows]) throws {
        for row in results[0] {
            let job = try Job(row)
            jobs[job.id] = job
        }
        for row in results[1] {
            needs.append((ID(try row["execution_id"]), ID(try row["needs_execution_id"])))
        }
        for row in results[2] {
            let run = RunID(try row["id"])
            runs[run] = Run(
                id: run, isTerminal: try row["conclusion"] as String? != nil,
                isHeld: try row["hold"] as String? != nil, latestAttempt: try row["latest_attempt"],
                group: try row["concurrency_key"])
        }
        for row in results[3] {
            attempts[try row["id"]] = Attempt(
                status: try row["status"], conclusion: try row["conclusion"], completedAt: try row["completed_at"])
        }
        for row in results[4] {
            leases[ID(try row["execution_id"])] = Lease(
                token: try row["fencing_token"], until: try row["lease_until"])
        }
        for row in results[5] {
            assignments[try row["id"]] = Assignment(
                job: ID(try row["execution_id"]), token: try row["fencing_token"], claimedAt: try row["claimed_at"],
                finishedAt: try row["finished_at"])
        }
        queued = try results[6].first?["n"] ?? 0
        slots = try results[7].first?["n"] ?? 0
        for row in results[8] {
            numbers.append((count: try row["n"], highest: try row["highest"], next: try row["next_number"]))
        }
        for row in results[9] {
            let state: Gate.State = try row["state"]
            gates[ID(try row["execution_id"])] = Rules(
                isPassed: state == .passed, isApproved: try row["approved_at"] as Timestamp? != nil,
                until: try row["wait_until"])
            if state == .open { runs[ID(try row["run_id"])]?.hasGate = true }
        }
        for row in results[10] { delayed[ID(try row["execution_id"])] = try row["not_before"] }
    }
}

extension SimulationSnapshot.Job {
    init(_ row: Row) throws {
        id = ID(try row["id"])
        run = ID(try row["workflow_run_id"])
        matrix = Matrix(attempt: try row["attempt_id"], path: try row["call_path"], key: try row["job_key"])
        isCall = try row["kind"] as String == "call"
        isCarried = try row["source_execution_id"] as Int64? != nil
        maxParallel = try row["max_parallel"]
        lostClaims = try row["lost_claims"]
        group = try row["concurrency_key"]
        environment = (try row["environment"] as String?)?.lowercased()
        state = State(
            status: try row["status"], conclusion: try row["conclusion"], startedAt: try row["started_at"],
            completedAt: try row["completed_at"], outputs: try row["outputs"], claims: try row["claims"])
    }

    /// It holds its group, if it has one: it waits for nothing but a runner, or runs.
    var isAdmitted: Bool { state.status == .queued || state.status == .inProgress }
}
