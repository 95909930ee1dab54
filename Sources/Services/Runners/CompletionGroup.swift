internal import Model
internal import QueryBuilder
internal import Storage

/// Ends jobs that end at the same time in one transaction.
final class CompletionGroup: Sendable {
    private struct Request: Sendable {
        var completion: Completion
        /// The actor of the transitions, one a group.
        var principal: Principal
    }

    private let gatherer = Gatherer<Request, Void>(limit: 64) { $0.principal == $1.principal }

    /// Throws as ``RunnerService/complete(_:by:)``.
    func complete(_ completion: Completion, by principal: Principal, _ services: Services) async throws {
        try await gatherer.submit(Request(completion: completion, principal: principal)) { group in
            await Self.finish(group, by: principal, services)
        }
    }

    private static func finish(
        _ group: [Gatherer<Request, Void>.Member], by principal: Principal, _ services: Services
    ) async {
        // A job that is said to have ended twice has ended once: the second word is judged after the first.
        var jobs: Set<ExecutionID> = []
        let first = group.map { jobs.insert($0.request.completion.token.executionID).inserted }
        let together = zip(group, first).filter(\.1).map(\.0.request.completion)
        // What goes wrong for all may be the fault of one: each is told its own error below.
        let done = try? await end(together, by: principal, services)
        for (member, isFirst) in zip(group, first) {
            let token = member.request.completion.token
            if isFirst, done?.ended.contains(token) == true {
                member.continuation.resume()
                continue
            }
            var rest = member.request.completion
            if done?.reported.contains(token) == true { rest.reports = nil }
            let completion = rest
            Task.detached {
                do {
                    try await services.runners.completeAlone(completion, by: principal)
                    member.continuation.resume()
                } catch {
                    member.continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Returns which ended plainly, and of which the reports are stored.
    private static func end(
        _ completions: [Completion], by principal: Principal, _ services: Services
    ) async throws -> (ended: Set<JobToken>, reported: Set<JobToken>) {
        try await services.transaction { db, changes in
            let (locks, locked) = try lock(completions, on: db)
            var reports = PlainReports()
            var plain: [Completion] = []
            for completion in locked {
                if let (claim, list) = completion.reports, try !reports.add(list, of: claim) { continue }
                plain.append(completion)
            }
            if plain.isEmpty { return ([], []) }
            let ids = plain.map(\.token.executionID.rawValue)
            let leases = Select("execution_id", "fencing_token").from("actions_leases")
                .where("execution_id IN \(ids)")
            let queries = locks + [leases] + (try reports.queries(for: db.dialect))
            let (results, ended) = try PlainEnd.end(plain, after: queries, by: principal, changes, on: db)
            let live: Set<JobToken> = Set(
                try results[locks.count].map { row in
                    JobToken(executionID: ID(try row["execution_id"]), fencingToken: try row["fencing_token"])
                })
            let told = plain.map(\.token).filter(live.contains).flatMap { reports.events[$0] ?? [] }
            changes.events = told + changes.events
            return (ended, live)
        }
    }

    /// The runs of these jobs, locked: of one job in a statement that is still to be run; of several by now, as far as
    /// nobody holds them: who waits holds nothing.
    private static func lock(
        _ completions: [Completion], on db: isolated any StorageConnection
    ) throws -> (pending: [any Query], locked: [Completion]) {
        guard db.dialect.locksRows else { return ([], completions) }
        let ids = completions.map(\.token.executionID.rawValue)
        let runs = Select("id").from("actions_workflow_runs")
            .where("id IN (SELECT x.workflow_run_id FROM actions_job_executions AS x WHERE x.id IN \(ids))")
            .orderBy("id")
        let plan = PlanByIndex.queries(for: db.dialect)
        if completions.count == 1 { return (plan + [runs.forUpdate()], completions) }
        let results = try db.run(
            plan + [
                runs.forUpdate(skipLocked: true),
                Select("id", "workflow_run_id").from("actions_job_executions").where("id IN \(ids)"),
            ])
        let held: Set<Int64> = Set(try results[plan.count].map { row in try row["id"] })
        var free: Set<ExecutionID> = []
        for row in results[plan.count + 1] where held.contains(try row["workflow_run_id"]) {
            free.insert(ID(try row["id"]))
        }
        return ([], completions.filter { free.contains($0.token.executionID) })
    }
}
