internal import Model
internal import QueryBuilder
internal import Storage

/// What a transaction that is not committed yet has touched: its live events and the schedulers of its runs.
final class Changes {
    var events: [RunEvent] = []
    /// More comes in this transaction whatever is done now: nothing but its end commits it.
    var goesOn = false
    /// Runs that have new transitions.
    var changedRuns: Set<RunID> = []
    /// What may be kept in memory after the commit.
    var fresh = FreshCache()
    /// The lowest rank of the entries that were put into the queue, or one below it, by label set.
    private(set) var queuedRanks: [Int64: Int64] = [:]
    /// Some runner may take what it could not take: whatever is known of what waits for it is looked at again.
    var widensReach = false
    /// One a run, in the order in which they were touched, so that no two hold different views of a run.
    private var schedulers: [RunScheduler] = []

    /// Repositories of whose concurrency groups this transaction decides, alone until its commit; those groups that are
    /// known to have a row.
    var lockedGroups: [RepositoryID: Set<String>] = [:]
    /// What the next attempt at this transaction locks first.
    let groupsFirst: GroupsFirst

    init(_ groupsFirst: GroupsFirst = GroupsFirst()) {
        self.groupsFirst = groupsFirst
    }

    /// The scheduler of that run within this transaction. Throws ``ServiceError`` when there is no such run.
    func scheduler(
        _ run: RunID, services: Services, by principal: Principal, on db: isolated any StorageConnection
    ) throws -> RunScheduler {
        if let known = schedulers.first(where: { $0.run.id == run }) { return known }
        if schedulers.isEmpty { try ConcurrencySlots.lockGroups(heldBy: run, changes: self, on: db) }
        let made = try RunScheduler(
            run, services: services, by: principal, changes: self, on: db)
        schedulers.append(made)
        return made
    }

    /// The scheduler of the run that the job belongs to, and the rows of queries that go in the same round trip once the
    /// run is locked. Nothing else was decided in this transaction before. Throws ``ServiceError`` when there is no such
    /// job.
    func scheduler(
        of job: ExecutionID, reading queries: [any Query], services: Services, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws -> (RunScheduler, [Rows]) {
        let run: SQL = "(SELECT x.workflow_run_id FROM actions_job_executions AS x WHERE x.id = \(job))"
        let locksGroups = db.dialect.locksRows && lockedGroups.isEmpty
        let groups: [any Query] = locksGroups ? [ConcurrencySlots.groups(heldBy: run)] : []
        let locked = RunScheduler.locked(run, db.dialect.locksRows)
        let results = try db.run(groups + locked + queries)
        if locksGroups, let row = results[0].first { lockedGroups[ID(try row["repository_id"])] = [] }
        let at = groups.count + locked.count
        let made: RunScheduler
        do {
            made = RunScheduler(
                try RunFacts(nil, results[at - 2], results[at - 1]), services: services, by: principal, changes: self)
        } catch let error as ServiceError where error.code == .notFound {
            throw ServiceError(.notFound, "job \(job)", "there is no such job execution")
        }
        schedulers.append(made)
        return (made, Array(results[at...]))
    }

    /// The scheduler of a run that is about to be stored.
    func add(_ scheduler: RunScheduler) {
        schedulers.append(scheduler)
    }

    /// The job was put into the queue, not below that rank.
    func note(queued job: JobExecution, from rank: Int64) {
        guard let set = job.labelSetID else { return }
        queuedRanks[set] = min(rank, queuedRanks[set] ?? rank)
    }

    /// No other run was touched, and nothing is left to decide.
    func isOnly(_ scheduler: RunScheduler) -> Bool {
        !goesOn && schedulers.count == 1 && schedulers[0] === scheduler && scheduler.ready.isEmpty
    }

    /// Releases what became ready in any of the runs, until nothing does, and ends the runs of which nothing is left.
    /// Whoever ends a job or frees a group only notes what became ready: nothing is released while something else is
    /// half done.
    func drain(on db: isolated any StorageConnection) throws {
        repeat {
            while let scheduler = schedulers.last(where: { !$0.ready.isEmpty }), let next = scheduler.ready.popLast() {
                try scheduler.release(next, on: db)
            }
            // Ending a run may free its group, and so touch more runs.
            var index = 0
            while index < schedulers.count {
                try schedulers[index].concludeIfDone(on: db)
                index += 1
            }
        } while schedulers.contains { !$0.ready.isEmpty }
    }

    /// What was noted so far, to go back to when a savepoint is undone.
    struct Mark {
        fileprivate var events: [RunEvent]
        fileprivate var changedRuns: Set<RunID>
        fileprivate var fresh: FreshCache
        fileprivate var queuedRanks: [Int64: Int64]
        fileprivate var schedulers: [RunScheduler]
        fileprivate var lockedGroups: [RepositoryID: Set<String>]
    }

    var mark: Mark {
        Mark(
            events: events, changedRuns: changedRuns, fresh: fresh, queuedRanks: queuedRanks, schedulers: schedulers,
            lockedGroups: lockedGroups)
    }

    func goBack(to mark: Mark) {
        events = mark.events
        changedRuns = mark.changedRuns
        fresh = mark.fresh
        queuedRanks = mark.queuedRanks
        schedulers = mark.schedulers
        lockedGroups = mark.lockedGroups
    }

    /// Schedulers know the changes that they belong to: the circle is broken with the transaction.
    func forgetSchedulers() {
        schedulers = []
    }
}
