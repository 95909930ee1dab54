internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The executions of a workflow's jobs with their edges, made in memory so that they are stored in one round trip,
/// however many they are.
struct ExecutionBatch {
    private struct Member {
        let key: String
        var executions: [JobExecution]
        /// Of an earlier attempt: its edges are to be there, its legs are not all to be run.
        let isCarried: Bool
    }

    private var members: [Member] = []
    private var edges: [(needed: ExecutionID, by: ExecutionID)] = []

    var count: Int { members.reduce(0) { $0 + $1.executions.count } }

    var ids: [ExecutionID] { all.map(\.id) }

    /// Those that stand in the queue from the beginning.
    var queued: [JobExecution] { all.filter { $0.status == .queued } }

    /// Those that nothing holds but that are not queued yet; the last one is decided about first.
    var ready: [ExecutionID] {
        members.reversed().flatMap { member in
            member.executions.reversed().filter { $0.status == .pending && $0.hold == nil && $0.pendingNeeds == 0 }
                .map(\.id)
        }
    }

    private var all: [JobExecution] { members.flatMap(\.executions) }

    mutating func add(_ job: Job, _ executions: [JobExecution], isCarried: Bool) {
        members.append(Member(key: job.id, executions: executions, isCarried: isCarried))
    }

    /// Gives every execution its id, and those that need others their edges and counts. What was carried over from an
    /// earlier attempt has ended already.
    /// `existing`: jobs of the run that are stored already, by lower-case id.
    mutating func number(_ ids: [Int64], link jobs: [Job], existing: [String: [JobExecution]] = [:]) {
        var ids = ids[...]
        var positions: [String: Int] = [:]
        for index in members.indices {
            positions[members[index].key] = index
            for leg in members[index].executions.indices {
                if let id = ids.popFirst() { members[index].executions[leg].id = ID(id) }
            }
        }
        for job in jobs where !job.needs.isEmpty {
            guard let own = positions[job.id] else { continue }
            let needed = job.needs.flatMap { need in
                positions[need.id].map { members[$0].executions } ?? existing[need.id.lowercased()] ?? []
            }
            let pending = Int64(needed.count { !$0.status.isTerminal })
            for leg in members[own].executions.indices {
                let id = members[own].executions[leg].id
                edges += needed.map { ($0.id, id) }
                // Legs that run again beside carried ones: all that they need has ended.
                guard !members[own].isCarried else { continue }
                members[own].executions[leg].pendingNeeds = pending
                if pending == 0, members[own].executions[leg].hold == .needs {
                    members[own].executions[leg].hold = nil
                }
            }
        }
    }

    /// What stores it: executions, edges, queue entries, transitions after those given.
    func queries(
        of scheduler: RunScheduler, after transitions: [Transition] = [], for dialect: Dialect
    ) throws -> [any Query] {
        var queries: [any Query] = [ExecutionRows.insert(all)]
        if !edges.isEmpty {
            queries.append(
                Insert("actions_execution_needs").rows(
                    ["needs_execution_id", "execution_id"], edges.map { [$0.needed, $0.by] }))
        }
        let changes =
            transitions
            + queued.map { job in
                Transition(
                    object: .job, id: job.id.rawValue, from: JobStatus.pending.rawValue,
                    to: JobStatus.queued.rawValue, reason: nil)
            }
        if !queued.isEmpty { queries.append(try scheduler.queueRows(queued, for: dialect)) }
        if !changes.isEmpty {
            queries.append(Transition.insert(changes, of: scheduler.run.id, by: scheduler.principal))
        }
        return queries
    }
}
