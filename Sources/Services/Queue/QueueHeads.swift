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
        var isMarked: Bool
        var limit: Int
    }

    /// A job that waits, and where.
    struct Head {
        var pick: JobClaim.Pick
        var place: QueueMarks.Place
    }

    private enum Scope {
        case global, repository, organization
    }

    /// Sets of one statement. More are first reduced to those in which something waits.
    static let setLimit = 64

    private let queries = Mutex<[Key: PreparedQuery]>([:])

    /// The rows of some queries, and at most `limit` jobs of each set from its mark on, in their order: one round trip.
    func read(
        _ look: QueueMarks.Look, limit: Int, after queries: [any Query],
        on db: isolated any StorageConnection
    ) throws -> ([Rows], [Int64: [Head]]) {
        let isMarked = db.dialect.keepsDeadRows
        let parts = stride(from: 0, to: look.reach.sets.count, by: Self.setLimit).map { start in
            let part = start..<min(start + Self.setLimit, look.reach.sets.count)
            var values = look.reach.sets[part].map { Value.integer($0) }
            if isMarked {
                for place in look.places[part] {
                    values += [.integer(place.rank), .integer(place.execution.rawValue)]
                }
            }
            return query(look.reach, values, sets: part.count, isMarked: isMarked, limit: limit)
        }
        let results = try db.run(queries, then: parts)
        var heads: [Int64: [Head]] = [:]
        for row in results.dropFirst(queries.count).joined() {
            let execution: ExecutionID = ID(try row["execution_id"])
            let pick = JobClaim.Pick(
                execution: execution, run: ID(try row["workflow_run_id"]), repository: ID(try row["repository_id"]))
            heads[try row["label_set_id"], default: []].append(
                Head(pick: pick, place: QueueMarks.Place(rank: try row["rank"], execution: execution)))
        }
        return (Array(results.prefix(queries.count)), heads.mapValues { $0.sorted { $0.place < $1.place } })
    }

    /// - Parameter values: the sets and, where it has marks, the place of each.
    private func query(
        _ reach: RunnerReach, _ values: [Value], sets: Int, isMarked: Bool, limit: Int
    ) -> (PreparedQuery, [Value]) {
        let kind: Scope
        var values = values
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
        let key = Key(sets: sets, scope: kind, isGrouped: reach.group != nil, isMarked: isMarked, limit: limit)
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
            let scopeAt = key.isMarked ? 3 * key.sets : key.sets
            let selects = (0..<key.sets).map { set in
                var query = Select("q.execution_id", "q.workflow_run_id", "q.rank", "q.label_set_id", "q.repository_id")
                    .from("actions_job_queue AS q").where("q.label_set_id = \(arguments[set])")
                    .and(QueueRows.isForAnyRunner)
                    .and(QueueRows.isNotPaused)
                    .orderBy("q.rank, q.execution_id").limit(key.limit)
                if key.isMarked {
                    let at = key.sets + 2 * set
                    query = query.and("(q.rank, q.execution_id) >= (\(arguments[at]), \(arguments[at + 1]))")
                }
                switch key.scope {
                case .global: break
                case .repository: query = query.and("q.repository_id = \(arguments[scopeAt])")
                case .organization:
                    query = query.and(
                        "q.repository_id IN (SELECT p.id FROM actions_repositories AS p WHERE p.organization_id = \(arguments[scopeAt]))"
                    )
                }
                if key.isGrouped {
                    let place = scopeAt + (key.scope == .global ? 0 : 1)
                    query = query.and(GroupAccess.condition(group: arguments[place]))
                }
                return Select("h.*").from(query, as: "h")
            }
            return selects.dropFirst().reduce(selects[0]) { $0.unionAll($1) }
        }
    }

    /// The jobs of ``read(_:limit:after:on:)`` in the order in which they are handed out, at most `limit`. Virtual times of
    /// different sets say nothing of each other: between sets the older job goes first.
    static func merge(_ heads: [Int64: [Head]], limit: Int) -> [JobClaim.Pick] {
        var open = heads.values.map { $0[...] }
        var picks: [JobClaim.Pick] = []
        while picks.count < limit {
            let next = open.indices.filter { !open[$0].isEmpty }.min { a, b in
                guard let x = open[a].first, let y = open[b].first else { return false }
                return (QueueRows.priorityClass(of: x.place.rank), x.place.execution)
                    < (QueueRows.priorityClass(of: y.place.rank), y.place.execution)
            }
            guard let next, let head = open[next].popFirst() else { break }
            picks.append(head.pick)
        }
        return picks
    }
}
