internal import Model
internal import QueryBuilder
internal import Storage

/// Answers runners that ask for jobs at the same time, and may take the same ones, in one transaction.
final class ClaimGroup: Sendable {
    typealias Request = ClaimPlanner.Request

    private typealias Members = [Gatherer<Request, [JobClaim.Claimed]>.Member]

    struct Taken: Sendable {
        var claimed: [JobClaim.Claimed] = []
        /// What was seen first, as much as there were seats.
        var seen: [RunID] = []
        var refused: [RunnerID: any Error] = [:]
        var newestSet: Int64 = 0
    }

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
    func take(_ requests: [Request], _ services: Services) async throws -> Taken {
        var avoided: Set<RunID> = []
        var taken = Taken()
        // What others hold is passed over; where they hold all that was seen, it is looked further.
        for ahead in [8, 64, 512] {
            let passed = avoided
            taken = try await services.transaction { db, changes in
                try Self.take(
                    requests, ClaimPlanner.Manner(ahead: ahead, avoided: passed), services.planner, changes, on: db)
            }
            services.labelSets.note(newest: taken.newestSet)
            guard taken.claimed.isEmpty, !taken.seen.isEmpty else { break }
            // Another transaction starts these runs, or ends them.
            avoided.formUnion(taken.seen)
        }
        return taken
    }

    private static func take(
        _ requests: [Request], _ manner: ClaimPlanner.Manner, _ planner: ClaimPlanner, _ changes: Changes,
        on db: isolated any StorageConnection
    ) throws -> Taken {
        guard let principal = requests.first?.principal else { return Taken() }
        let plan = try planner.plan(requests, manner, on: db)
        let claimed = try JobClaim(principal: principal, changes: changes).take(
            plan.picks, for: plan.seats, finishing: !plan.isEphemeral, on: db)
        planner.remember(claimed, of: plan)
        if plan.isEphemeral, !claimed.isEmpty {
            let ids = claimed.map(\.runner.rawValue)
            try db.run(Update("actions_runners").set("draining", true).where("id IN \(ids)").and("ephemeral"))
        }
        return Taken(
            claimed: claimed, seen: plan.seen, refused: plan.refused,
            newestSet: plan.newestSet)
    }
}
