internal import Model
internal import QueryBuilder
internal import Storage
internal import Synchronization

/// The jobs that wait first in some label sets, for runners of one scope and group, but those of paused repositories: one
/// statement, printed once for each number of sets, up to a limit. Who is in no group pays nothing for them.
final class QueueHeads: Sendable {
    private struct Key: Hashable {
        var sets: Int
        var scope: Scope
        var isGrouped: Bool
        var limit: Int
    }

    private enum Scope {
        case global, repository, organization
    }

    /// Sets of one statement. More are first reduced to those in which something waits.
    static let setLimit = 64

    private let queries = Mutex<[Key: PreparedQuery]>([:])

    /// The rows of some queries, and of at most `limit` jobs of each set: one round trip.
    func read(
        _ reach: RunnerReach, limit: Int, after queries: [any Query],
        on db: isolated any StorageConnection
    ) throws -> ([Rows], [Rows]) {
        let parts = stride(from: 0, to: reach.sets.count, by: Self.setLimit).map { start in
            var part = reach
            part.sets = Array(reach.sets[start..<min(start + Self.setLimit, reach.sets.count)])
            return query(part, limit: limit)
        }
        let results = try db.run(queries, then: parts)
        return (Array(results.prefix(queries.count)), Array(results.dropFirst(queries.count)))
    }

    private func query(_ reach: RunnerReach, limit: Int) -> (PreparedQuery, [Value]) {
        let kind: Scope
        var values = reach.sets.map { Value.integer($0) }
        switch reach.scope {
        case .global: kind = .global
        case .repository(let id):
            kind = .repository
            values.append(.integer(id.rawValue))
        case .organization(let id):
            kind = .organization
            values.append(.integer(id))
        }
        if let group = reach.group { values.append(.integer(group.rawValue)) }
        let key = Key(sets: reach.sets.count, scope: kind, isGrouped: reach.group != nil, limit: limit)
        let query = queries.withLock { queries in
            if let known = queries[key] { return known }
            let made = Self.make(key)
            queries[key] = made
            return made
        }
        return (query, values)
    }

    private static func make(_ key: Key) -> PreparedQuery {
        PreparedQuery { arguments in
            let selects = (0..<key.sets).map { set in
                var query = Select("q.execution_id", "q.workflow_run_id", "q.rank", "q.label_set_id", "q.repository_id")
                    .from("actions_job_queue AS q").where("q.label_set_id = \(arguments[set])")
                    .and(QueueRows.isForAnyRunner)
                    .and(
                        "NOT EXISTS (SELECT 1 FROM actions_queue_pauses AS u WHERE u.repository_id IS NULL OR u.repository_id = q.repository_id)"
                    )
                    .orderBy("q.rank, q.execution_id").limit(key.limit)
                switch key.scope {
                case .global: break
                case .repository: query = query.and("q.repository_id = \(arguments[key.sets])")
                case .organization:
                    query = query.and(
                        "q.repository_id IN (SELECT p.id FROM actions_repositories AS p WHERE p.organization_id = \(arguments[key.sets]))"
                    )
                }
                if key.isGrouped {
                    let place = key.sets + (key.scope == .global ? 0 : 1)
                    query = query.and(GroupAccess.condition(group: arguments[place]))
                }
                return Select("h.*").from(query, as: "h")
            }
            return selects.dropFirst().reduce(selects[0]) { $0.unionAll($1) }
        }
    }

    /// The rows of ``read(_:limit:after:on:)`` in the order in which they are handed out, at most `limit`. Virtual times of
    /// different sets say nothing of each other: between sets the older job goes first.
    static func merge(_ rows: [Rows], limit: Int) throws -> [JobClaim.Pick] {
        var lists: [Int64: [(pick: JobClaim.Pick, rank: Int64)]] = [:]
        for row in rows.joined() {
            let pick = JobClaim.Pick(
                execution: ID(try row["execution_id"]), run: ID(try row["workflow_run_id"]),
                repository: ID(try row["repository_id"]))
            lists[try row["label_set_id"], default: []].append((pick, try row["rank"]))
        }
        var open = lists.values.map { list in
            list.sorted { ($0.rank, $0.pick.execution) < ($1.rank, $1.pick.execution) }[...]
        }
        var heads: [JobClaim.Pick] = []
        while heads.count < limit {
            let next = open.indices.filter { !open[$0].isEmpty }.min { a, b in
                guard let x = open[a].first, let y = open[b].first else { return false }
                return (QueueRows.priorityClass(of: x.rank), x.pick.execution)
                    < (QueueRows.priorityClass(of: y.rank), y.pick.execution)
            }
            guard let next, let head = open[next].popFirst() else { break }
            heads.append(head.pick)
        }
        return heads
    }
}
