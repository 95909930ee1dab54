public import Model
internal import QueryBuilder
public import Storage

extension StatisticsService {
    /// What is asked for.
    public struct Filter: Sendable {
        public var repository: RepositoryID?
        /// `.github/workflows/ci.yml`, or `ci.yml` for short.
        public var filename: String?
        /// What ended on its day (UTC) or later.
        public var since: Timestamp?
        /// The most runners.
        public var runners = 10

        public init() {}
    }

    /// The sums of the days that were rolled up, in one snapshot. It costs with the days and jobs asked for, not with the
    /// runs. Runners are not known by workflow: with a filename there are none. Throws ``ServiceError`` `not_found` for a
    /// file that no workflow was ever stored of.
    public func read(_ filter: Filter, by principal: Principal) async throws -> Statistics {
        try await services.access.check(.statisticsRead, AccessTarget(filter.repository), by: principal)
        return try await services.backend.read { db in
            try Self.checkFile(filter, on: db)
            let results = try db.run([
                Self.narrowed(Self.sums, filter).groupBy(
                    "d.workflow_id", "d.job_path", "d.repository_id", "w.filename", "p.owner", "p.name"),
                Self.narrowed(Self.times, filter).groupBy("d.workflow_id", "d.job_path", "d.measure", "d.bucket"),
                Self.runners(filter),
                Self.dailySteps(filter),
            ])
            var steps: [Key: [Statistics.StepEntry]] = [:]
            for row in results[3] {
                let key = Key(workflow: try row["workflow_id"], path: try row["job_path"])
                steps[key, default: []].append(
                    Statistics.StepEntry(step: try row["step"], name: try row["name"], counts: try StepCounts(row)))
            }
            var times: [Key: [DailyTally.TimeKey.Measure: TimeHistogram]] = [:]
            for row in results[1] {
                let key = Key(workflow: try row["workflow_id"], path: try row["job_path"])
                times[key, default: [:]][try row["measure"], default: TimeHistogram()]
                    .add(try row["times"], to: try row["bucket"])
            }
            let entries = try results[0].map { row in
                let path: String = try row["job_path"]
                let key = Key(workflow: try row["workflow_id"], path: path)
                let own = times[key] ?? [:]
                return Statistics.Entry(
                    workflow: ID(try row["workflow_id"]), repository: ID(try row["repository_id"]),
                    repositoryName: "\(try row["owner"] as String)/\(try row["name"] as String)",
                    filename: try row["filename"], job: path.isEmpty ? nil : path, counts: try JobCounts(row),
                    queueTimes: own[.queue] ?? TimeHistogram(), runTimes: own[.run] ?? TimeHistogram(),
                    steps: steps[key] ?? [])
            }
            let runners = filter.filename == nil ? try results[2].map(Self.use) : []
            return Statistics(entries: Self.completed(entries), runners: runners)
        }
    }

    private static func use(_ row: Row) throws -> Statistics.RunnerUse {
        let name: String = try row["runner_name"]
        return Statistics.RunnerUse(
            name: name.isEmpty ? nil : name, claims: try row["all_claims"], busyMicroseconds: try row["busy"])
    }

    private struct Key: Hashable {
        var workflow: Int64
        var path: String
    }

    /// Sorted, the runs with the minutes of their jobs.
    private static func completed(_ entries: [Statistics.Entry]) -> [Statistics.Entry] {
        var minutes: [WorkflowID: Int64] = [:]
        for entry in entries where entry.job != nil { minutes[entry.workflow, default: 0] += entry.counts.minutes }
        return entries.map { entry in
            var entry = entry
            if entry.job == nil { entry.counts.minutes = minutes[entry.workflow] ?? 0 }
            return entry
        }.sorted { a, b in
            (a.repositoryName, a.workflow, a.job ?? "") < (b.repositoryName, b.workflow, b.job ?? "")
        }
    }

    /// A sum as an integer: PostgreSQL's of BIGINT is none.
    static func sum(_ column: SQL, as name: StaticString) -> SQL {
        "CAST(sum(\(column)) AS BIGINT) AS \(raw: name)"
    }

    private static let sums = Select(
        ["d.workflow_id", "d.job_path", "d.repository_id", "w.filename", "p.owner", "p.name"]
            + JobCounts.columns.map { name in sum("d.\(raw: name)", as: name) }
    )
    .from("actions_daily_jobs AS d").join("actions_workflows AS w", on: "w.id = d.workflow_id")
    .join("actions_repositories AS p", on: "p.id = d.repository_id")

    private static let times = Select(
        "d.workflow_id", "d.job_path", "d.measure", "d.bucket", sum("d.count", as: "times")
    )
    .from("actions_daily_times AS d").join("actions_workflows AS w", on: "w.id = d.workflow_id")

    static func narrowed(_ query: Select, _ filter: Filter) -> Select {
        var query = query
        if let repository = filter.repository { query = query.and("d.repository_id = \(repository)") }
        if let filename = filter.filename { query = query.and(Self.isFile(filename)) }
        if let since = filter.since { query = query.and("d.day >= \(since.day)") }
        return query
    }

    private static func isFile(_ name: String) -> SQL {
        let path = name.contains("/") ? name : ".github/workflows/\(name)"
        return "(w.filename = \(name) OR w.filename = \(path))"
    }

    /// A file that was mistyped is not one of which nothing has ended.
    private static func checkFile(_ filter: Filter, on db: isolated any StorageConnection) throws {
        guard let name = filter.filename else { return }
        var known = Select("w.filename").from("actions_workflows AS w")
        if let repository = filter.repository { known = known.and("w.repository_id = \(repository)") }
        // Of a deleted one there are statistics.
        guard try db.first(known.and(isFile(name)).limit(1)) == nil else { return }
        let rows = try db.run(
            known.and("w.state <> 'deleted'").groupBy("w.filename").orderBy("w.filename").limit(mostNames + 1))
        var names = try rows.prefix(mostNames).map { row in try row["filename"] as String }
        if rows.count > mostNames { names.append("…") }
        throw ServiceError(
            .notFound, "workflow \(name)",
            "no such file is stored; there is \(names.isEmpty ? "none yet" : names.joined(separator: ", "))")
    }

    /// Of a message.
    private static let mostNames = 20

    private static func runners(_ filter: Filter) -> Select {
        var query = Select("d.runner_name", sum("d.claims", as: "all_claims"), sum("d.busy_microseconds", as: "busy"))
            .from("actions_daily_runners AS d").groupBy("d.runner_name").orderBy("busy DESC, d.runner_name")
            .limit(filter.runners)
        if let repository = filter.repository { query = query.and("d.repository_id = \(repository)") }
        if let since = filter.since { query = query.and("d.day >= \(since.day)") }
        return query
    }
}
