internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The queue at one moment, in memory: what a look at the order of many jobs needs. It reads every entry, so its cost grows
/// with the jobs that wait; claims do not use it.
struct QueueSnapshot {
    struct Entry {
        var execution: ExecutionID
        var labelSet: Int64
        var rank: Int64
        var repository: RepositoryID
        var organization: Int64?
        var boundRunner: RunnerID?
    }

    /// By label set, each in the order of its ranks.
    private(set) var sets: [Int64: [Entry]] = [:]
    /// Of the sets that have entries.
    private(set) var labels: [Int64: [String]] = [:]
    private(set) var pauses: [QueuePause] = []
    /// Where the entries come from, while there is a group of runners.
    private var origins: [ExecutionID: JobOrigin] = [:]

    init(entries: [Entry], labels: [Int64: [String]], pauses: [QueuePause]) {
        sets = Dictionary(grouping: entries, by: \.labelSet)
        for key in sets.keys { sets[key]?.sort { ($0.rank, $0.execution) < ($1.rank, $1.execution) } }
        self.labels = labels
        self.pauses = pauses
    }

    init(on db: isolated any StorageConnection) throws {
        let results = try db.run([
            Select(
                "q.label_set_id", "q.rank", "q.execution_id", "q.repository_id", "p.organization_id", "l.runner_id"
            )
            .from("actions_job_queue AS q").join("actions_repositories AS p", on: "p.id = q.repository_id")
            .leftJoin("actions_live_runs AS l", on: "l.run_id = q.workflow_run_id"),
            Select("s.id", "s.labels").from("actions_label_sets AS s")
                .where("s.id IN (SELECT q.label_set_id FROM actions_job_queue AS q)"),
            QueueService.pauses(),
        ])
        let entries = try results[0].map { row in
            Entry(
                execution: ID(try row["execution_id"]), labelSet: try row["label_set_id"], rank: try row["rank"],
                repository: ID(try row["repository_id"]), organization: try row["organization_id"],
                boundRunner: (try row["runner_id"] as Int64?).map { ID($0) })
        }
        var labels: [Int64: [String]] = [:]
        for row in results[1] { labels[try row["id"]] = try JobDemand.labels(row["labels"]) }
        self.init(entries: entries, labels: labels, pauses: try results[2].map { row in try QueuePause(row) })
        guard try db.first(Select("id").from("actions_runner_groups").limit(1)) != nil else { return }
        let queued = JobOrigin.select().join("actions_job_queue AS q", on: "q.execution_id = e.id")
        for row in try db.run(queued) { origins[ID(try row["id"])] = try JobOrigin(row) }
    }

    /// That of the repository, or of everything.
    func pause(of repository: RepositoryID) -> QueuePause? {
        pauses.first { $0.repositoryID == nil } ?? pauses.first { $0.repositoryID == repository }
    }

    /// How many jobs are handed out before each, by registered runners: those of the same set with a smaller (rank, id),
    /// and of every other set that one of `runners` reads those that a claim takes first. Only jobs that one of the
    /// runners may take count; none of paused repositories, nor of a `plue run`.
    ///
    /// A claim compares the heads of its sets by (class of priority, id). So an entry goes before another one of another
    /// set exactly when the largest such key up to it is the smaller one.
    func order(for runners: [Runner], of set: Int64) -> [ExecutionID: Int] {
        var keyed: [(priority: Int64, largest: ExecutionID, execution: ExecutionID)] = []
        let entries = Dictionary(uniqueKeysWithValues: runners.map { ($0.id, $0.entries) })
        for (id, waiting) in sets {
            let own = labels[id] ?? []
            let readers = runners.filter { runner in own.allSatisfy(entries[runner.id, default: []].contains) }
            guard id == set || !readers.isEmpty else { continue }
            var priority = Int64.min
            var largest = ExecutionID(0)
            for entry in waiting where entry.boundRunner == nil && pause(of: entry.repository) == nil {
                guard readers.isEmpty || readers.contains(where: { mayTake(entry, $0) }) else { continue }
                let own = QueueRows.priorityClass(of: entry.rank)
                largest = own == priority ? max(largest, entry.execution) : entry.execution
                priority = own
                keyed.append((priority, largest, entry.execution))
            }
        }
        // Within a set several share a key, in their order: the sort is told by their places.
        let sorted = keyed.indices.sorted { a, b in
            (keyed[a].priority, keyed[a].largest, a) < (keyed[b].priority, keyed[b].largest, b)
        }
        return Dictionary(
            uniqueKeysWithValues: sorted.enumerated().map { (keyed[$0.element].execution, $0.offset) })
    }

    private func mayTake(_ entry: Entry, _ runner: Runner) -> Bool {
        guard runner.scope.holds(entry) else { return false }
        guard let group = runner.group, let origin = origins[entry.execution] else { return true }
        return GroupAccess.obstacle(group, origin) == nil
    }

    /// The same for the jobs of a `plue run`, which its runner takes by rank alone.
    func order(boundTo runner: RunnerID) -> [ExecutionID: Int] {
        let own = sets.values.joined().filter { $0.boundRunner == runner }
            .sorted { ($0.rank, $0.execution) < ($1.rank, $1.execution) }
        return Dictionary(uniqueKeysWithValues: own.enumerated().map { ($0.element.execution, $0.offset) })
    }
}

extension RunnerScope {
    fileprivate func holds(_ entry: QueueSnapshot.Entry) -> Bool {
        switch self {
        case .global: true
        case .repository(let id): id == entry.repository
        case .organization(let id): id == entry.organization
        }
    }
}

extension JobDemand {
    /// Those of a set, as it is stored.
    static func labels(_ json: String) throws -> [String] {
        guard case .array(let list) = try ExpressionValue(json: json) else { return [] }
        return list.elements.map(\.text)
    }
}
