internal import Model
internal import QueryBuilder
internal import Storage

/// Looks at runners that ask for jobs and at what waits first, and plans which goes where. What it remembers only makes
/// looks shorter.
final class ClaimPlanner: Sendable {
    /// A runner that asks.
    struct Request: Sendable {
        var runner: RunnerID
        var limit: Int
        var reach: RunnerReach
        var principal: Principal
    }

    /// The runner's group is not the one that its reach names.
    struct RunnerMoved: Error {}

    /// How a look is done.
    struct Manner {
        /// How many more jobs than seats are seen, as others may hold some.
        var ahead: Int
        /// Runs whose jobs others hold.
        var avoided: Set<RunID> = []
        /// Runners that another transaction holds get nothing, rather than be waited for.
        var skipsHeldRunners = false
        /// Run before, in the same round trip.
        var queries: [any Query] = []
    }

    /// Where looks begin.
    let marks = QueueMarks()
    private let heads = QueueHeads()
    private let seats = RunnerSeats()
    private let leases = LeaseMarks()

    /// Requests of one reach. `ending`, given the rows of the manner's queries: jobs that end in this transaction, of which
    /// each leaves its seat to one other; the runners get no others.
    func plan(
        _ requests: [Request], _ manner: Manner,
        ending: (([Rows]) throws -> [RunnerID: [ExecutionID]])? = nil, on db: isolated any StorageConnection
    ) throws -> ClaimPlan {
        var plan = ClaimPlan()
        guard let first = requests.first else { return plan }
        let limit = min(requests.reduce(0) { $0 + $1.limit }, 1_000)
        // Of many sets a few more of each are many together.
        let size = Self.literal(limit + max(1, manner.ahead / max(1, first.reach.sets.count)))
        // One may ask twice at the same time.
        let runners = Set(requests.map(\.runner)).sorted()
        let look = try look(runners, first.reach, manner, limit: size, on: db)
        plan.newestSet = look.newestSet
        let leaving = try ending.map { try $0(look.results) }
        var room: [RunnerSeats.Room] = []
        var known: Set<RunnerID> = []
        for row in look.runners {
            let runner = try Runner(row)
            known.insert(runner.id)
            let live: Int64 = try row["live_leases"]
            if live > 0 {
                plan.busy.insert(runner.id)
                leases.note(ID(try row["first_assignment"]), of: runner.id)
            }
            guard runner.groupID == first.reach.group else {
                plan.refused[runner.id] = RunnerMoved()
                continue
            }
            guard runner.status != .offline else {
                plan.refused[runner.id] = ServiceError(
                    .conflict, "runner \(runner.id)", "it is offline: set it online first")
                continue
            }
            guard !runner.isDraining, runner.pausedReason == nil else { continue }
            guard look.held?.contains(runner.id) ?? true else { continue }
            let asked = requests.filter { $0.runner == runner.id }.map(\.limit).max() ?? 0
            let left = leaving.map { Int64($0[runner.id]?.count ?? 0) }
            let rest = live - (left ?? 0)
            let free = Int(max(0, runner.maxParallelJobs - rest))
            let most = left.map { Int($0) } ?? (runner.isEphemeral ? 1 : asked)
            room.append(RunnerSeats.Room(runner: runner, live: rest, count: min(most, free)))
        }
        for request in requests where !known.contains(request.runner) {
            plan.refused[request.runner] = ServiceError(
                .notFound, "runner \(request.runner)", "there is no such runner")
        }
        let waiting = QueueHeads.merge(look.heads, limit: limit + manner.ahead)
        plan.picks = waiting.filter { !manner.avoided.contains($0.run) }
        var places = leaving ?? [:]
        plan.seats = seats.plan(room, for: plan.picks).map { runner in
            JobClaim.Seat(runner: runner, after: places[runner.id]?.popLast())
        }
        if room.contains(where: { $0.count > 0 }) {
            plan.seen = waiting.prefix(max(1, plan.seats.count)).map(\.run)
        }
        return plan
    }

    /// What was handed out by a plan.
    func remember(_ claimed: [JobClaim.Claimed], of plan: ClaimPlan) {
        for (runner, jobs) in Dictionary(grouping: claimed, by: \.runner) where !plan.busy.contains(runner) {
            leases.note(jobs.map(\.assignment.id).min(), of: runner)
        }
        seats.remember(claimed)
    }

    private struct Look {
        /// Of the manner's queries.
        var results: [Rows]
        var newestSet: Int64
        var runners: Rows
        /// Runners that this transaction holds; nil: all.
        var held: Set<RunnerID>?
        var heads: [Int64: [QueueHeads.Head]]
    }

    /// The newest label set, the runners, which this transaction holds from now on, each with its count of live claims, and
    /// what waits first in the sets of this reach: one round trip, two where there are very many sets, or where nothing
    /// stands behind the marks.
    private func look(
        _ ids: [RunnerID], _ reach: RunnerReach, _ manner: Manner, limit: Int, on db: isolated any StorageConnection
    ) throws -> Look {
        var queries = PlanByIndex.queries(for: db.dialect)
        let settings = queries.count
        queries += manner.queries
        if db.dialect.locksRows {
            queries.append(
                Select("id").from("actions_runners").where("id IN \(ids.map(\.rawValue))").orderBy("id")
                    .forUpdate(skipLocked: manner.skipsHeldRunners))
        }
        queries.append(Select("max(id) AS id").from("actions_label_sets"))
        queries.append(try RunnerRows.seats(leases.marks(of: ids), for: db.dialect))
        var reach = reach
        if reach.sets.count > QueueHeads.setLimit {
            let waiting = Set(try db.run(Self.waitingSets).map { row in try row["id"] as Int64 })
            reach.sets = reach.sets.filter(waiting.contains)
        }
        let (found, heads) = try read(marks.look(reach), limit: limit, after: queries, on: db)
        var held: Set<RunnerID>?
        if db.dialect.locksRows, manner.skipsHeldRunners {
            held = Set(try found[queries.count - 3].map { row in ID(try row["id"]) })
        }
        return Look(
            results: Array(found[settings..<settings + manner.queries.count]),
            newestSet: try found[queries.count - 2].first?["id"] ?? 0, runners: found[queries.count - 1], held: held,
            heads: heads)
    }

    /// As ``QueueHeads/read(_:limit:after:on:)``; from the beginning when nothing stands behind the marks.
    private func read(
        _ look: QueueMarks.Look, limit: Int, after queries: [any Query], on db: isolated any StorageConnection
    ) throws -> ([Rows], [Int64: [QueueHeads.Head]]) {
        let begin = ContinuousClock.now
        let (rows, heads) = try self.heads.read(look, limit: limit, after: queries, on: db)
        guard db.dialect.keepsDeadRows else { return (rows, heads) }
        let now = ContinuousClock.now
        marks.note(heads.compactMapValues(\.first?.place), of: look, took: begin.duration(to: now), now: now)
        guard heads.isEmpty, !look.isFull else { return (rows, heads) }
        return (rows, try read(marks.look(look.reach, isFull: true), limit: limit, after: [], on: db).1)
    }

    /// A few limits, so that the statements are few.
    private static func literal(_ limit: Int) -> Int {
        [2, 16, 128, 1_024].first { limit <= $0 } ?? 2_048
    }

    /// The sets in which anything waits: one step of the queue's key for each.
    private static let waitingSets = With(
        "waiting",
        as: Select("min(q.label_set_id) AS id").from("actions_job_queue AS q")
            .unionAll(
                Select("(SELECT min(n.label_set_id) FROM actions_job_queue AS n WHERE n.label_set_id > w.id)")
                    .from("waiting AS w").where("w.id IS NOT NULL")),
        recursive: true
    ).then(Select("w.id").from("waiting AS w").where("w.id IS NOT NULL"))
}
