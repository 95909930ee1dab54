internal import Model
internal import QueryBuilder
internal import Storage

/// Ends jobs that end at the same time in one transaction, and gives their seats to the next ones in the same.
final class CompletionGroup: Sendable {
    private struct Request: Sendable {
        var completion: Completion
        /// The runner that asks for another job, and which it may take.
        var next: (runner: RunnerID, reach: RunnerReach)?
        /// The actor of the transitions, one a group.
        var principal: Principal
    }

    /// What became of a group.
    private struct Outcome: Sendable {
        var ended: Set<JobToken> = []
        /// Those of which the reports are stored.
        var reported: Set<JobToken> = []
        var claimed: [JobClaim.Claimed] = []
        var newestSet: Int64 = 0
    }

    private let gatherer = Gatherer<Request, [JobClaim.Claimed]>(limit: 64) { a, b in
        guard a.principal == b.principal else { return false }
        guard let own = a.next, let other = b.next else { return a.next == nil && b.next == nil }
        return own.reach == other.reach
    }

    /// Throws as ``RunnerService/complete(_:by:)``. With `next` it returns a job that the runner is given for it, if there is
    /// one at hand.
    func complete(
        _ completion: Completion, next: (runner: RunnerID, reach: RunnerReach)? = nil, by principal: Principal,
        _ services: Services
    ) async throws -> [JobClaim.Claimed] {
        let request = Request(completion: completion, next: next, principal: principal)
        return try await gatherer.submit(request) { group in await Self.finish(group, services) }
    }

    private static func finish(
        _ group: [Gatherer<Request, [JobClaim.Claimed]>.Member], _ services: Services
    ) async {
        // A job that is said to have ended twice has ended once: the second word is judged after the first.
        var jobs: Set<ExecutionID> = []
        let first = group.map { jobs.insert($0.request.completion.token.executionID).inserted }
        let together = zip(group, first).filter(\.1).map(\.0.request)
        // What goes wrong for all may be the fault of one: each is told its own error below.
        let done = try? await end(together, services)
        if let done { services.labelSets.note(newest: done.newestSet) }
        for (member, isFirst) in zip(group, first) {
            let token = member.request.completion.token
            if isFirst, let done, done.ended.contains(token) {
                member.continuation.resume(returning: done.claimed.filter { $0.after == token.executionID })
                continue
            }
            var rest = member.request.completion
            if done?.reported.contains(token) == true { rest.reports = nil }
            let (completion, principal) = (rest, member.request.principal)
            Task.detached {
                do {
                    try await services.runners.completeAlone(completion, by: principal)
                    member.continuation.resume(returning: [])
                } catch {
                    member.continuation.resume(throwing: error)
                }
            }
        }
    }

    private static func end(_ requests: [Request], _ services: Services) async throws -> Outcome {
        try await services.transaction { db, changes in
            let completions = requests.map(\.completion)
            if requests.count > 1 || requests.contains(where: { $0.next != nil }) {
                let (held, plan) = try look(requests, services.planner, on: db)
                return try end(held.completions, plan, by: requests, live: held.live, services, changes, on: db)
            }
            // Alone it may wait for its run, and needs to see nothing before: all goes in one round trip.
            let lock = HeldJobs.runs(of: completions).forUpdate()
            let queries = PlanByIndex.queries(for: db.dialect) + (db.dialect.locksRows ? [lock] : [])
            return try end(completions, ClaimPlan(), by: requests, after: queries, services, changes, on: db)
        }
    }

    /// Takes hold of the jobs' runs, and sees what the runners may be given for them.
    private static func look(
        _ requests: [Request], _ planner: ClaimPlanner, on db: isolated any StorageConnection
    ) throws -> (HeldJobs, ClaimPlan) {
        let completions = requests.map(\.completion)
        let queries = HeldJobs.queries(for: completions, db.dialect)
        var runners: [JobToken: RunnerID] = [:]
        var nexts: [ClaimPlanner.Request] = []
        for request in requests {
            guard let (runner, reach) = request.next else { continue }
            runners[request.completion.token] = runner
            nexts.append(
                ClaimPlanner.Request(runner: runner, limit: 1, reach: reach, principal: request.principal))
        }
        if nexts.isEmpty {
            let settings = PlanByIndex.queries(for: db.dialect)
            let rows = try db.run(settings + queries).dropFirst(settings.count)
            return (try HeldJobs(completions, Array(rows)), ClaimPlan())
        }
        var held = HeldJobs()
        let plan = try planner.plan(
            nexts, ClaimPlanner.Manner(ahead: 8, skipsHeldRunners: true, queries: queries),
            ending: { rows in
                held = try HeldJobs(completions, rows)
                return held.seats(of: runners)
            }, on: db)
        return (held, plan)
    }

    /// Ends what ends plainly, and hands out what was planned for the seats that become free. `live`: the claims that are;
    /// nil where they were not read yet.
    private static func end(
        _ completions: [Completion], _ plan: ClaimPlan, by requests: [Request],
        after queries: [any Query] = [], live known: [JobToken: RunnerID]? = nil, _ services: Services,
        _ changes: Changes,
        on db: isolated any StorageConnection
    ) throws -> Outcome {
        var reports = PlainReports()
        var plain: [Completion] = []
        for completion in completions {
            if let (claim, list) = completion.reports, try !reports.add(list, of: claim) { continue }
            plain.append(completion)
        }
        guard !plain.isEmpty, let principal = requests.first?.principal else { return Outcome() }
        let claim = JobClaim(principal: principal, changes: changes)
        let ending = try PlainEnd.call(plain, by: principal, db.dialect)
        let taking = try claim.call(plan.picks, for: plan.seats, db.dialect)
        let leases = known == nil ? [HeldJobs.leases(of: plain)] : []
        let results = try db.run(
            queries + leases + (try reports.queries(for: db.dialect)), then: [ending] + (taking.map { [$0] } ?? []),
            finishing: true)
        let rest = results.suffix(taking == nil ? 1 : 2)
        var outcome = Outcome(newestSet: plan.newestSet)
        outcome.ended = try PlainEnd.ended(rest[rest.startIndex], of: plain, changes)
        if taking != nil {
            outcome.claimed = try claim.claimed(rest[rest.startIndex + 1])
            services.planner.remember(outcome.claimed, of: plan)
        }
        let live = try known ?? HeldJobs.live(results[queries.count])
        let reported = plain.map(\.token).filter { live[$0] != nil }
        outcome.reported = Set(reported)
        changes.events = reported.flatMap { reports.events[$0] ?? [] } + changes.events
        return outcome
    }
}
