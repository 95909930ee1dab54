internal import Model
internal import QueryBuilder
internal import Storage

/// Of jobs that are to end in one transaction, those whose runs it holds, and those that are claimed as is said. Runs that
/// others hold are passed over: who waits holds nothing.
struct HeldJobs {
    /// Whose runs are held.
    private(set) var completions: [Completion] = []
    /// Live claims, with their runners.
    private(set) var live: [JobToken: RunnerID] = [:]

    init() {}

    /// What is to be read, the locks first.
    static func queries(for completions: [Completion], _ dialect: Dialect) -> [any Query] {
        let ids = completions.map(\.token.executionID.rawValue)
        let jobs = Select("id", "workflow_run_id").from("actions_job_executions").where("id IN \(ids)")
        return (dialect.locksRows ? [runs(of: completions).forUpdate(skipLocked: true), jobs] : [])
            + [leases(of: completions)]
    }

    /// By the rows of these queries.
    init(_ completions: [Completion], _ rows: [Rows]) throws {
        guard let leases = rows.last else { return }
        live = try Self.live(leases)
        guard rows.count > 1 else {
            // The writer is alone.
            self.completions = completions
            return
        }
        let held: Set<Int64> = Set(try rows[0].map { row in try row["id"] })
        var free: Set<ExecutionID> = []
        for row in rows[1] where held.contains(try row["workflow_run_id"]) { free.insert(ID(try row["id"])) }
        self.completions = completions.filter { free.contains($0.token.executionID) }
    }

    static func runs(of completions: [Completion]) -> Select {
        let ids = completions.map(\.token.executionID.rawValue)
        return Select("id").from("actions_workflow_runs")
            .where("id IN (SELECT x.workflow_run_id FROM actions_job_executions AS x WHERE x.id IN \(ids))")
            .orderBy("id")
    }

    static func leases(of completions: [Completion]) -> Select {
        Select("execution_id", "fencing_token", "runner_id").from("actions_leases")
            .where("execution_id IN \(completions.map(\.token.executionID.rawValue))")
    }

    /// By the rows of ``leases(of:)``. A claim without a runner is of one that is gone.
    static func live(_ rows: Rows) throws -> [JobToken: RunnerID] {
        var live: [JobToken: RunnerID] = [:]
        for row in rows {
            let token = JobToken(executionID: ID(try row["execution_id"]), fencingToken: try row["fencing_token"])
            live[token] = ID(try row["runner_id"] as Int64? ?? 0)
        }
        return live
    }

    /// The jobs of which each runner's seats become free when they end, as far as the runners are those.
    func seats(of runners: [JobToken: RunnerID]) -> [RunnerID: [ExecutionID]] {
        var seats: [RunnerID: [ExecutionID]] = [:]
        for completion in completions {
            guard let runner = runners[completion.token], live[completion.token] == runner else { continue }
            seats[runner, default: []].append(completion.token.executionID)
        }
        return seats
    }
}
