internal import Model
internal import QueryBuilder
internal import Storage

/// Answers runners that ask for jobs at the same time, and may take the same ones, in one transaction.
final class ClaimGroup: Sendable {
    struct Request: Sendable {
        var runner: RunnerID
        var limit: Int
        var reach: RunnerReach
        var principal: Principal
    }

    /// The runner's group is not the one that its reach names.
    struct RunnerMoved: Error {}

    private typealias Members = [Gatherer<Request, [JobClaim.Claimed]>.Member]

    private struct Taken: Sendable {
        var claimed: [JobClaim.Claimed] = []
        /// What was seen first, as much as was asked for.
        var seen: [RunID] = []
        var refused: [RunnerID: any Error] = [:]
        var newestSet: Int64 = 0
    }

    /// Where its looks begin.
    let marks = QueueMarks()
    private let heads = QueueHeads()
    private let seats = RunnerSeats()
    private let leases = LeaseMarks()
    private let gatherer = Gatherer<Request, [JobClaim.Claimed]>(limit: 64) { a, b in
        a.principal == b.principal && a.reach == b.reach
    }

    /// Throws as ``QueueService/claim(_:limit:by:)``.
    func claim(_ request: Request, _ services: Services) async throws -> [JobClaim.Claimed] {
        try await gatherer.submit(request) { group in await self.answer(group, services) }
    }

    private func answer(_ group: Members, _ services: Services) async {
        do {
            let taken = try await take(group.map(\.request), services)
            var jobs = Dictionary(grouping: taken.claimed, by: \.runner)
            for member in group {
                let id = member.request.runner
                if let error = taken.refused[id] {
                    member.continuation.resume(throwing: error)
                } else {
                    // One that asks twice at the same time is answered once.
                    member.continuation.resume(returning: jobs.removeValue(forKey: id) ?? [])
                }
            }
        } catch {
            for member in group { member.continuation.resume(throwing: error) }
        }
    }

    /// The jobs of runners that ask at the same moment.
    func together(_ requests: [Request], _ services: Services) async throws -> [JobClaim.Claimed] {
        try await take(requests, services).claimed
    }

    private func take(_ requests: [Request], _ services: Services) async throws -> Taken {
        let limit = min(requests.reduce(0) { $0 + $1.limit }, 1_000)
        var avoided: Set<RunID> = []
        var taken = Taken()
        // What others hold is passed over; where they hold all that was seen, it is looked further.
        for ahead in [8, 64, 512] {
            let passed = avoided
            taken = try await services.transaction { db, changes in
                try self.take(requests, seeing: limit, ahead: ahead, but: passed, changes, on: db)
            }
            services.labelSets.note(newest: taken.newestSet)
            seats.remember(taken.claimed)
            guard taken.claimed.isEmpty, !taken.seen.isEmpty else { break }
            // Another transaction starts these runs, or ends them.
            avoided.formUnion(taken.seen)
        }
        return taken
    }

    private func take(
        _ requests: [Request], seeing limit: Int, ahead: Int, but passed: Set<RunID>, _ changes: Changes,
        on db: isolated any StorageConnection
    ) throws -> Taken {
        guard let first = requests.first else { return Taken() }
        var taken = Taken()
        // Of many sets a few more of each are many together.
        let size = Self.literal(limit + max(1, ahead / max(1, first.reach.sets.count)))
        let (newestSet, found, heads) = try look(requests.map(\.runner), first, limit: size, on: db)
        taken.newestSet = newestSet
        var room: [RunnerSeats.Room] = []
        var known: Set<RunnerID> = []
        var busy: Set<RunnerID> = []
        for row in found {
            let runner = try Runner(row)
            known.insert(runner.id)
            guard runner.groupID == first.reach.group else {
                taken.refused[runner.id] = RunnerMoved()
                continue
            }
            guard runner.status != .offline else {
                taken.refused[runner.id] = ServiceError(
                    .conflict, "runner \(runner.id)", "it is offline: set it online first")
                continue
            }
            guard !runner.isDraining, runner.pausedReason == nil else { continue }
            let limit = requests.filter { $0.runner == runner.id }.map(\.limit).max() ?? 0
            let live: Int64 = try row["live_leases"]
            if live > 0 {
                busy.insert(runner.id)
                leases.note(ID(try row["first_assignment"]), of: runner.id)
            }
            let free = Int(max(0, runner.maxParallelJobs - live))
            room.append(RunnerSeats.Room(runner: runner, live: live, count: min(runner.isEphemeral ? 1 : limit, free)))
        }
        for request in requests where !known.contains(request.runner) {
            taken.refused[request.runner] = ServiceError(
                .notFound, "runner \(request.runner)", "there is no such runner")
        }
        let picks = QueueHeads.merge(heads, limit: limit + ahead)
        let open = picks.filter { !passed.contains($0.run) }
        let seats = self.seats.plan(room, for: open)
        taken.seen = picks.prefix(seats.count).map(\.run)
        let isEphemeral = seats.contains(where: \.isEphemeral)
        taken.claimed = try JobClaim(principal: first.principal, changes: changes).take(
            open, for: seats, finishing: !isEphemeral, on: db)
        for (runner, jobs) in Dictionary(grouping: taken.claimed, by: \.runner) where !busy.contains(runner) {
            leases.note(jobs.map(\.assignment.id).min(), of: runner)
        }
        if isEphemeral, !taken.claimed.isEmpty {
            let ids = taken.claimed.map(\.runner.rawValue)
            try db.run(Update("actions_runners").set("draining", true).where("id IN \(ids)").and("ephemeral"))
        }
        return taken
    }

    /// The newest label set, the runners, which this transaction holds from now on, each with its count of live claims, and
    /// what waits first in the sets of this request: one round trip, two where there are very many sets, or where nothing
    /// stands behind the marks.
    private func look(
        _ ids: [RunnerID], _ request: Request, limit: Int, on db: isolated any StorageConnection
    ) throws -> (newestSet: Int64, runners: Rows, heads: [Int64: [QueueHeads.Head]]) {
        let lock = Select("id").from("actions_runners").where("id IN \(ids.map(\.rawValue))").orderBy("id").forUpdate()
        var first = PlanByIndex.queries(for: db.dialect)
        if db.dialect.locksRows { first.append(lock) }
        first.append(Select("max(id) AS id").from("actions_label_sets"))
        first.append(try RunnerRows.seats(leases.marks(of: ids), for: db.dialect))
        var reach = request.reach
        if reach.sets.count > QueueHeads.setLimit {
            let waiting = Set(try db.run(Self.waitingSets).map { row in try row["id"] as Int64 })
            reach.sets = reach.sets.filter(waiting.contains)
        }
        let (found, heads) = try read(marks.look(reach), limit: limit, after: first, on: db)
        return (try found[first.count - 2].first?["id"] ?? 0, found[first.count - 1], heads)
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
