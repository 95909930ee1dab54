internal import Model
internal import QueryBuilder
internal import Storage

/// Reads the facts of a run's open jobs, a few queries however many there are, and decides.
struct RunExplanation {
    private struct Group: Hashable {
        var callPath: String
        var key: String
    }

    /// What jobs of one label set and repository have in common.
    private struct PlaceKey: Hashable {
        var set: Int64
        /// The file that defines the job, which a group of runners may ask for.
        var version: Int64
    }

    private struct Place {
        var matches: [RunnerMatch]
        var order: [ExecutionID: Int]
    }

    /// How many of a workflow's newest runs are asked how long its jobs took.
    private static let history = 200
    private static let successes = 20

    private let run: WorkflowRun
    private let organization: Int64?
    /// Of its jobs, but for the file.
    private let origin: JobOrigin
    private let boundRunner: RunnerID?
    private let now: Timestamp
    private let open: [JobExecution]
    private var needs: [ExecutionID: [(id: ExecutionID, need: WaitReason.Need)]] = [:]
    private var legs: [Group: Int64] = [:]
    private var runners: [ExecutionID: (name: String, leaseUntil: Timestamp?)] = [:]
    private var gates: [ExecutionID: (reviewers: [String], until: Timestamp?)] = [:]
    private var delays: [ExecutionID: Timestamp] = [:]
    private var holders: [String: WaitReason.Holder] = [:]

    init(of id: RunID, on db: isolated any StorageConnection) throws {
        run = try RunService.run(id, on: db)
        let attempt = Select("a.id").from("actions_run_attempts AS a").where("a.run_id = \(id)")
            .and("a.attempt = \(run.latestAttempt)")
        let isOpen: SQL = "e.attempt_id = \(attempt) AND e.conclusion IS NULL"
        let results = try db.run([
            RunScheduler.executions().where(isOpen).orderBy("e.id"),
            Select("n.execution_id", "o.id", "o.name", "o.status", "o.hold").from("actions_job_executions AS e")
                .join("actions_execution_needs AS n", on: "n.execution_id = e.id")
                .join("actions_job_executions AS o", on: "o.id = n.needs_execution_id")
                .where(isOpen).and("o.conclusion IS NULL").orderBy("n.execution_id, o.id"),
            // As the scheduler counts them.
            Select("e.call_path", "e.job_key", "count(*) AS legs").from("actions_job_executions AS e").where(isOpen)
                .and("(e.status IN \([JobStatus.queued, .inProgress]) OR e.hold = \(JobHold.concurrency))")
                .groupBy("e.call_path", "e.job_key"),
            Select("s.execution_id", "s.runner_name", "l.lease_until").from("actions_job_executions AS e")
                .join("actions_leases AS l", on: "l.execution_id = e.id")
                .join("actions_job_assignments AS s", on: "s.id = l.assignment_id").where(isOpen),
            Select(
                "p.organization_id", "p.id AS repository_id", "p.owner", "p.name AS repository_name", "p.visibility",
                "'' AS filename", "r.head_ref", "r.head_sha", "l.runner_id", "\(.now) AS now"
            ).from("actions_repositories AS p")
                .join("actions_workflow_runs AS r", on: "r.repository_id = p.id")
                .leftJoin("actions_live_runs AS l", on: "l.run_id = r.id").where("r.id = \(id)"),
            Select("d.execution_id", "d.not_before").from("actions_job_executions AS e")
                .join("actions_delayed_jobs AS d", on: "d.execution_id = e.id").where(isOpen),
        ])
        for row in results[5] { delays[ID(try row["execution_id"])] = try row["not_before"] }
        open = try results[0].map { row in try JobExecution(row) }
        for row in results[1] {
            let need = WaitReason.Need(name: try row["name"], status: try row["status"], hold: try row["hold"])
            needs[ID(try row["execution_id"]), default: []].append((ID(try row["id"]), need))
        }
        for row in results[2] {
            legs[Group(callPath: try row["call_path"], key: try row["job_key"])] = try row["legs"]
        }
        for row in results[3] {
            runners[ID(try row["execution_id"])] = (try row["runner_name"], try row["lease_until"])
        }
        guard let row = results[4].first else {
            throw ServiceError(.notFound, "run \(id)", "its repository is gone")
        }
        organization = try row["organization_id"]
        origin = try JobOrigin(row)
        boundRunner = (try row["runner_id"] as Int64?).map { ID($0) }
        now = try row["now"]
        if open.contains(where: { $0.hold == .gate }) { gates = try Self.gates(of: id, on: db) }
        holders = try Self.holders(
            of: Set(open.compactMap(\.concurrencyKey) + [run.concurrencyKey].compactMap(\.self)), run, on: db)
    }

    private static func gates(
        of run: RunID, on db: isolated any StorageConnection
    ) throws -> [ExecutionID: (reviewers: [String], until: Timestamp?)] {
        let open = try Gates.open("g.run_id = \(run)", limit: .max, on: db)
        let ids = Set(open.compactMap(\.environmentID)).map(\.rawValue).sorted()
        let environments = try EnvironmentRows.load("e.id IN \(ids)", on: db)
        return Dictionary(
            open.map { gate in
                let reviewers = environments.first { $0.id == gate.environmentID }?.rules.reviewers ?? []
                return (gate.executionID, (gate.approvedAt == nil ? reviewers : [], gate.waitUntil))
            }
        ) { $1 }
    }

    private static func holders(
        of keys: Set<String>, _ run: WorkflowRun, on db: isolated any StorageConnection
    ) throws -> [String: WaitReason.Holder] {
        if keys.isEmpty { return [:] }
        let keys = keys.sorted()
        let rows = try db.run(
            Select("c.key_folded", "c.run_id", "r.run_number", "e.name").from("actions_concurrency_slots AS c")
                .join("actions_workflow_runs AS r", on: "r.id = c.run_id")
                .leftJoin("actions_job_executions AS e", on: "e.id = c.execution_id")
                .where("c.repository_id = \(run.repositoryID)").and("c.key_folded IN \(keys)")
                .and("c.state = 'running'"))
        var holders: [String: WaitReason.Holder] = [:]
        for row in rows {
            holders[try row["key_folded"]] = WaitReason.Holder(
                run: ID(try row["run_id"]), number: try row["run_number"], job: try row["name"])
        }
        return holders
    }

    /// Every open job.
    func jobs(on db: isolated any StorageConnection) throws -> [JobExplanation] {
        if open.isEmpty { return [] }
        let snapshot = try QueueSnapshot(on: db)
        let registered = try RunnerRows.load(db.run(RunnerRows.select().where("r.lock_path IS NULL")), on: db)
        let bound = try boundRunner.map { try RunnerRows.one($0, on: db) }
        let boundOrder = boundRunner.map { snapshot.order(boundTo: $0) } ?? [:]
        let labels = try labels(on: db)
        let durations = try durations(on: db)
        let files = try files(on: db)
        var places: [PlaceKey: Place] = [:]
        var works: [ExecutionID: WaitEstimate.Work] = [:]
        var explanations: [JobExplanation] = []
        explanations.reserveCapacity(open.count)
        for job in open {
            var origin = origin
            origin.file = files[job.versionID] ?? ""
            let demand = JobDemand(
                labels: job.labelSetID.flatMap { labels[$0] } ?? [], origin: origin, organization: organization,
                boundRunner: boundRunner)
            // A call, or a job whose labels are not known yet, stands nowhere.
            var place = Place(matches: [], order: [:])
            if let set = job.labelSetID {
                let key = PlaceKey(set: set, version: job.versionID)
                place = places[key] ?? Self.place(demand, of: set, registered, snapshot)
                places[key] = place
            }
            let order = bound == nil ? place.order : boundOrder
            let ahead = job.status == .queued ? order[job.id] : nil
            let facts = facts(
                of: job, demand, place, ahead: ahead ?? 0, pause: snapshot.pause(of: run.repositoryID),
                bound: bound?.runner.name)
            let reason = WaitReason(facts)
            var work = WaitEstimate.Work(
                reason: reason, duration: durations[Group(callPath: job.callPath, key: job.jobKey)],
                startedAt: job.startedAt, ahead: ahead ?? 0, needs: needs[job.id]?.map(\.id) ?? [])
            (work.capacity, work.free) = bound.map { Self.slots([$0]) } ?? Self.slots(place.matches)
            works[job.id] = work
            explanations.append(
                JobExplanation(
                    job: job, asOf: now, reason: reason, labels: demand.labels.map(GroupLabel.text),
                    position: ahead.map { $0 + 1 },
                    candidates: place.matches))
        }
        let times = WaitEstimate(now: now, works).all()
        for index in explanations.indices {
            explanations[index].estimatedStart = times[explanations[index].job.id]?.start
            explanations[index].estimatedEnd = times[explanations[index].job.id]?.end
        }
        return explanations
    }

    private func facts(
        of job: JobExecution, _ demand: JobDemand, _ place: Place, ahead: Int, pause: QueuePause?, bound: String?
    ) -> WaitFacts {
        var facts = WaitFacts(job: job, now: now)
        facts.runHold = run.hold
        facts.runGroup = run.concurrencyKey
        let group = job.hold == .concurrency ? job.concurrencyKey : run.concurrencyKey
        facts.holder = group.flatMap { holders[$0] }
        facts.needs = needs[job.id]?.map(\.need) ?? []
        facts.legs = legs[Group(callPath: job.callPath, key: job.jobKey)] ?? 0
        facts.runner = runners[job.id]?.name
        facts.leaseUntil = runners[job.id]?.leaseUntil
        facts.notBefore = delays[job.id]
        facts.boundRunner = bound
        facts.pause = pause
        facts.labels = demand.labels
        facts.matches = place.matches
        facts.ahead = ahead
        (facts.reviewers, facts.waitUntil) = gates[job.id] ?? ([], nil)
        return facts
    }

    private static func place(
        _ demand: JobDemand, of set: Int64, _ registered: [(runner: Runner, live: Int64)], _ snapshot: QueueSnapshot
    ) -> Place {
        let matches = RunnerMatch.all(registered, for: demand)
        let readers = matches.filter(\.hasLabels).map(\.runner)
        return Place(matches: matches, order: snapshot.order(for: readers, of: set))
    }

    /// How many jobs those take at once that are online and take any, and how many more now.
    private static func slots(_ matches: [RunnerMatch]) -> (capacity: Int64, free: Int64) {
        let usable = matches.filter {
            ($0.obstacle == nil || $0.obstacle == .full) && $0.runner.status != .offline
        }
        return usable.reduce((0, 0)) { sum, match in
            let most = match.runner.maxParallelJobs
            let free = match.obstacle == nil ? most - Int64((match.load * Double(most)).rounded()) : 0
            return (sum.0 + most, sum.1 + free)
        }
    }

    private static func slots(_ bound: [(runner: Runner, live: Int64)]) -> (capacity: Int64, free: Int64) {
        bound.reduce((0, 0)) {
            ($0.0 + $1.runner.maxParallelJobs, $0.1 + max(0, $1.runner.maxParallelJobs - $1.live))
        }
    }

    /// The file of each version that defines an open job.
    private func files(on db: isolated any StorageConnection) throws -> [Int64: String] {
        let ids = Set(open.map(\.versionID)).sorted()
        var files: [Int64: String] = [:]
        let rows = try db.run(
            Select("v.id", "w.filename").from("actions_workflow_versions AS v")
                .join("actions_workflows AS w", on: "w.id = v.workflow_id").where("v.id IN \(ids)"))
        for row in rows { files[try row["id"]] = try row["filename"] }
        return files
    }

    private func labels(on db: isolated any StorageConnection) throws -> [Int64: [String]] {
        let ids = Set(open.compactMap(\.labelSetID)).sorted()
        if ids.isEmpty { return [:] }
        var labels: [Int64: [String]] = [:]
        for row in try db.run(Select("id", "labels").from("actions_label_sets").where("id IN \(ids)")) {
            labels[try row["id"]] = try JobDemand.labels(row["labels"])
        }
        return labels
    }

    /// Microseconds that each job took lately: the median of its last successes, of all legs. What a re-run only refers to
    /// was not executed again.
    private func durations(on db: isolated any StorageConnection) throws -> [Group: Int64] {
        let groups = Set(open.map { Group(callPath: $0.callPath, key: $0.jobKey) })
            .sorted { ($0.callPath, $0.key) < ($1.callPath, $1.key) }
        let newest = Select("x.id").from("actions_workflow_runs AS x").where("x.workflow_id = \(run.workflowID)")
            .orderBy("x.id DESC").limit(Self.history)
        let results = try db.run(
            groups.map { group in
                Select("e.started_at", "e.completed_at").from(newest, as: "r")
                    .join("actions_job_executions AS e", on: "e.workflow_run_id = r.id")
                    .where("e.job_key = \(group.key)").and("e.call_path = \(group.callPath)")
                    .and("e.conclusion = 'success'").and("e.started_at IS NOT NULL")
                    .and("e.source_execution_id IS NULL").orderBy("r.id DESC, e.id DESC").limit(Self.successes)
                    as any Query
            })
        var durations: [Group: Int64] = [:]
        for (group, rows) in zip(groups, results) {
            durations[group] = try rows.map { row in
                let (start, end) = (try row["started_at"] as Timestamp, try row["completed_at"] as Timestamp)
                return end.microseconds - start.microseconds
            }.median
        }
        return durations
    }
}
