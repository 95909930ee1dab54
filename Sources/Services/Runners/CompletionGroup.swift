internal import Model
internal import QueryBuilder
internal import Storage
internal import Synchronization

/// Ends jobs that end at the same time together: while one transaction runs, what comes is gathered for the next.
final class CompletionGroup: Sendable {
    private struct Waiting {
        var completion: Completion
        var principal: Principal
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isWorking = false
    }

    private static let limit = 64
    private let state = Mutex(State())

    /// Throws as ``RunnerService/complete(_:by:)``.
    func complete(_ completion: Completion, by principal: Principal, _ services: Services) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let begins = state.withLock { state in
                state.waiting.append(
                    Waiting(completion: completion, principal: principal, continuation: continuation))
                defer { state.isWorking = true }
                return !state.isWorking
            }
            if begins { Task.detached { await self.work(services) } }
        }
    }

    private func work(_ services: Services) async {
        while true {
            let next = state.withLock { state in
                let first = state.waiting.first
                // The actor of their transitions is one.
                let size = state.waiting.prefix(Self.limit).prefix { $0.principal == first?.principal }.count
                let next = Array(state.waiting.prefix(size))
                state.waiting.removeFirst(size)
                if next.isEmpty { state.isWorking = false }
                return next
            }
            guard let principal = next.first?.principal else { return }
            await finish(next, by: principal, services)
        }
    }

    private func finish(_ group: [Waiting], by principal: Principal, _ services: Services) async {
        // What goes wrong for all may be the fault of one: each is told its own error below.
        let done = try? await Self.end(group.map(\.completion), by: principal, services)
        for member in group {
            let token = member.completion.token
            if done?.ended.contains(token) == true {
                member.continuation.resume()
                continue
            }
            var rest = member.completion
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
            let queries =
                locks + [leases] + (try reports.queries(for: db.dialect)) + PlanByIndex.queries(for: db.dialect)
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
        if completions.count == 1 { return ([runs.forUpdate()], completions) }
        let results = try db.run([
            runs.forUpdate(skipLocked: true),
            Select("id", "workflow_run_id").from("actions_job_executions").where("id IN \(ids)"),
        ])
        let held: Set<Int64> = Set(try results[0].map { row in try row["id"] })
        var free: Set<ExecutionID> = []
        for row in results[1] where held.contains(try row["workflow_run_id"]) { free.insert(ID(try row["id"])) }
        return ([], completions.filter { free.contains($0.token.executionID) })
    }
}
